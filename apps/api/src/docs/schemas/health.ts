import type { JsonSchema } from '../openapi-types.js';
import { list, object, text } from './json-schema.js';

/** What the platform asks. */
export const HEALTH: Readonly<Record<string, JsonSchema>> = {
  Alive: object({ status: { const: 'alive' } }),
  Readiness: object({ status: { enum: ['ready', 'not-ready'] }, faults: list(text('what is missing')) }),
};
