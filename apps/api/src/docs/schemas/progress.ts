import type { JsonSchema } from '../openapi-types.js';
import { schemaRef } from '../parts.js';
import { count, list, object, text } from './json-schema.js';

/** How far an evening is. */
export const PROGRESS: Readonly<Record<string, JsonSchema>> = {
  Counts: object({
    total: count('wanted slots ahead: the sum of the others'),
    ready: count(''),
    needsOwner: count(''),
    failed: count(''),
    working: count('queued, creating, updating, retrying'),
  }),
  Progress: {
    allOf: [
      schemaRef('Counts'),
      object({
        perTeacher: list({
          allOf: [schemaRef('Counts'), object({ teacher: object({ id: text(''), name: text('') }) })],
        }),
      }),
    ],
  },
  Light: { enum: ['green', 'amber', 'red'] },
  EveningReadiness: {
    allOf: [
      schemaRef('Counts'),
      object({
        checkpoint: { enum: [null, '7 days', '24 hours', '2 hours', '15 minutes'] },
        light: schemaRef('Light'),
        perTeacher: list({
          allOf: [
            schemaRef('Counts'),
            object({ teacher: object({ id: text(''), name: text('') }), light: schemaRef('Light') }),
          ],
        }),
      }),
    ],
  },
};
