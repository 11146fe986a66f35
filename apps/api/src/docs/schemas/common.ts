import { STATUSES } from '#libs/conferences';
import { PROVIDERS } from '#libs/providers';
import type { JsonSchema } from '../openapi-types.js';
import { list, object, text } from './json-schema.js';

/** What many answers have in common. */
export const COMMON: Readonly<Record<string, JsonSchema>> = {
  Problem: object(
    {
      type: text('always about:blank'),
      title: text("the status' own words"),
      status: { type: 'integer', minimum: 400, maximum: 599 },
      detail: text('what is wrong, and what to do'),
      errors: list(object({ pointer: text('a JSON pointer (RFC 6901)'), detail: text('what must be') }), {
        minItems: 1,
      }),
      requestId: text('also in X-Request-Id; quote it to ops', { format: 'uuid' }),
    },
    ['errors'],
    'A refusal (RFC 9457).',
  ),
  IntakeProblem: {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { required: ['errors'] }],
    description: 'A refusal of events: `errors` is always there; pointer "" means the whole request.',
  },
  Provider: { enum: [...PROVIDERS] },
  Login: { enum: ['google', 'microsoft'] },
  Status: {
    description: 'null: no conference was ever wanted',
    enum: [...STATUSES, null],
  },
};
