import type { JsonSchema } from '../openapi-types.js';
import { schemaRef } from '../parts.js';
import { count, id, instant, list, object, text, url } from './json-schema.js';

/** Conferences, as a teacher sees and wants them. */
export const CONFERENCES: Readonly<Record<string, JsonSchema>> = {
  ConferenceRow: object(
    {
      timeslotId: text(''),
      start: instant('UTC'),
      end: instant('UTC'),
      status: schemaRef('Status'),
      joinable: { type: 'boolean', description: 'a working URL is published' },
      provider: { oneOf: [{ type: 'null' }, schemaRef('Provider')] },
      owner: {
        description: 'whose account is used, or will be',
        oneOf: [
          { type: 'null' },
          object({
            id: text('person id'),
            name: text(''),
            account: { type: ['string', 'null'], description: "the account's e-mail address, where it is known yet" },
          }),
        ],
      },
      reason: text(
        'why it is not ready, a closed word; beside `ready`, `removing` or `over`: why a meeting that is no longer wanted could not be removed',
      ),
      action: { enum: ['connect', 'retry', 'ask-admin', 'wait'], description: 'what helps' },
      meetingUrl: url("only for the slot's teacher and the meeting's owner"),
    },
    ['reason', 'action', 'meetingUrl'],
  ),
  ConferenceRows: object({ rows: list(schemaRef('ConferenceRow')) }),
  WantBody: {
    ...object(
      {
        provider: schemaRef('Provider'),
        timeslotIds: list(id(''), { minItems: 1, maxItems: 500 }),
        eveningId: id('all own planned slots of the evening'),
        onlyMissing: { type: 'boolean', default: false, description: 'leave slots alone that have a conference' },
      },
      ['timeslotIds', 'eveningId', 'onlyMissing'],
    ),
    oneOf: [{ required: ['timeslotIds'] }, { required: ['eveningId'] }],
  },
  TakeOverBody: object({
    from: id("the owner's person id as the caller saw it, or the slot's teacher where there is no owner"),
    provider: schemaRef('Provider'),
  }),
  Accepted: object({ accepted: count('slots'), url: url('where to look what becomes of it') }),
};
