import { AUDIT_ACTIONS } from '#libs/privacy';
import type { JsonSchema } from '../openapi-types.js';
import { count, instant, list, object, orNull, text } from './json-schema.js';

/** What staff and programs did and saw. */
export const AUDIT: Readonly<Record<string, JsonSchema>> = {
  AuditRows: object({
    rows: list(
      object({
        sequence: count('place in the chain'),
        at: instant('UTC'),
        action: { enum: AUDIT_ACTIONS },
        actor: object({
          kind: { enum: ['person', 'system', 'program'] },
          id: orNull(text('null: erased, or no person')),
          role: orNull(text('')),
        }),
        person: orNull(text('whom it is about')),
        timeslot: orNull(text('')),
        reason: orNull(text('`not given` where staff gave none')),
        detail: orNull({ type: 'object' }),
        erased: { type: 'boolean', description: 'something of it belonged to an erased person' },
      }),
    ),
  }),
  AuditVerdict: object({
    ok: { type: 'boolean' },
    entries: count('in the chain'),
    checkpoints: count('of this school, in the ledger folder'),
    faults: list(
      object({
        sequence: orNull({ type: 'integer' }),
        what: {
          enum: [
            'altered',
            'missing',
            'doubled',
            'out-of-place',
            'cut-off',
            'rewritten',
            'checkpoint-altered',
            'checkpoint-missing',
          ],
        },
      }),
    ),
    restores: list(
      object(
        {
          at: instant('when the start after the restore recorded it'),
          kept: count('place of the last entry that the backup had'),
          cut: count('entries after it, which are gone'),
          why: {
            enum: ['other-server', 'other-timeline', 'other-database', 'older-position', 'declared'],
            description: 'by what it was known',
          },
          reason: text('as the operator gave it, for `declared`'),
        },
        ['reason'],
      ),
    ),
    lag: object({ entries: count('written and not chained yet'), seconds: count('since the oldest of them') }),
  }),
};
