import type { JsonSchema } from '../openapi-types.js';
import { schemaRef } from '../parts.js';
import { count, id, instant, list, object, text, url } from './json-schema.js';

/** Of one erasure, in a list or alone. */
const ERASURE: Readonly<Record<string, JsonSchema>> = {
  id: text('', { format: 'uuid' }),
  school: id('the school'),
  state: {
    enum: ['requested', 'erasing', 'waiting_for_owner', 'done'],
    description: 'waiting_for_owner: all is gone here; meetings in the own account wait for a visit with it',
  },
  requestedAt: instant(''),
  dueAt: instant('30 days after the request'),
  url: url('where it can be seen, also afterwards'),
  erasedAt: { type: ['string', 'null'], format: 'date-time', description: 'when it was gone from the database' },
  doneAt: { type: ['string', 'null'], format: 'date-time' },
  provider: object({
    waiting: count('meetings that are still at the provider'),
    note: { type: ['string', 'null'], description: 'what about them' },
  }),
};

/** To be forgotten: the request, and what became of it. */
export const ERASURES: Readonly<Record<string, JsonSchema>> = {
  ErasureBody: object({ everywhere: { type: 'boolean', description: 'all schools of the person' } }, ['everywhere']),
  Erasure: object(
    {
      ...ERASURE,
      receipt: { type: ['string', 'null'], description: 'compact JWS, once it is done' },
      erasures: list(schemaRef('Erasure'), { description: 'where `everywhere` was asked for: one per school' }),
    },
    ['erasures'],
  ),
  ErasureRows: object({
    rows: list(
      object({
        ...ERASURE,
        cause: { enum: ['request', 'retention'], description: 'asked for, or two years without a school' },
        late: { type: 'boolean', description: 'not done, and due before now' },
      }),
    ),
  }),
  JsonWebKeys: object({ keys: list({ type: 'object', description: 'RFC 8037' }) }),
};
