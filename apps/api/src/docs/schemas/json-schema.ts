import type { JsonSchema } from '../openapi-types.js';

// The few shapes that our schemas are made of.

/** Every property is required but those named in `optional`. */
export const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
  description?: string,
): JsonSchema => ({
  type: 'object',
  ...(description !== undefined && { description }),
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});
export const text = (description: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  description,
  ...more,
});
export const count = (description: string): JsonSchema => ({ type: 'integer', minimum: 0, description });
export const instant = (description: string): JsonSchema => text(description, { format: 'date-time' });
export const id = (description: string): JsonSchema => text(description, { minLength: 1, maxLength: 128 });
export const list = (items: JsonSchema, more: JsonSchema = {}): JsonSchema => ({ type: 'array', items, ...more });
export const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
export const url = (description: string): JsonSchema => text(description, { format: 'uri' });
