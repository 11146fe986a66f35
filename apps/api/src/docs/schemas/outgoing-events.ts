import type { JsonSchema } from '../openapi-types.js';
import { schemaRef } from '../parts.js';
import { count, object, text } from './json-schema.js';

/** What programs are told. */
export const OUTGOING_EVENTS: Readonly<Record<string, JsonSchema>> = {
  ConferenceEventData: object({
    school: object({ id: text('') }),
    timeslot: object({ id: text(''), version: count('the version that the state is of') }),
    status: schemaRef('Status'),
    joinable: { type: 'boolean' },
  }),
};
