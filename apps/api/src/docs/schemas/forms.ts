import type { JsonSchema } from '../openapi-types.js';
import { schemaRef } from '../parts.js';
import { object, text } from './json-schema.js';

/** What the pages send. */
export const FORMS: Readonly<Record<string, JsonSchema>> = {
  EnterForm: object({ ticket: text('the JWT'), to: text('an own path', { default: '/' }) }, ['to']),
  ForgetForm: object(
    { to: text('an own path', { default: '/' }), everywhere: { enum: ['true', 'false'], default: 'false' } },
    ['to', 'everywhere'],
  ),
  AddForm: object({ provider: schemaRef('Provider'), onlyMissing: { enum: ['true', 'false'] } }, ['onlyMissing']),
  EraseForm: object({ sure: { enum: ['true', 'false'] } }, [], 'Only `true` erases.'),
};
