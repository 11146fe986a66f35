import type { JsonSchema } from '../openapi-types.js';
import { schemaRef } from '../parts.js';
import { count, id, instant, list, object, text } from './json-schema.js';

/** What the parent-meetings module sends. Members that are not named here are ignored. */
export const INCOMING_EVENTS: Readonly<Record<string, JsonSchema>> = {
  SchoolData: object({
    id: id('the school'),
    name: text('1 to 200 characters', { minLength: 1, maxLength: 200 }),
    timeZone: text('a zone of the IANA database', { minLength: 1, maxLength: 64 }),
    locale: text('BCP 47', { minLength: 2, maxLength: 35 }),
  }),
  PersonData: object({
    id: id('the person, the same in all schools'),
    name: text('1 to 200 characters', { minLength: 1, maxLength: 200 }),
    email: text('an e-mail address', { minLength: 3, maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' }),
    locale: text('BCP 47', { minLength: 2, maxLength: 35 }),
  }),
  TimeslotChanged: object(
    {
      school: schemaRef('SchoolData'),
      evening: object({ id: id('the evening'), name: text('', { minLength: 1, maxLength: 200 }) }),
      timeslot: object({
        id: id('the timeslot'),
        version: count('rises with every change; one that is not above the stored one is stale'),
        start: instant('with an offset'),
        end: instant('with an offset, after the start'),
        status: { enum: ['planned', 'cancelled'] },
      }),
      teacher: schemaRef('PersonData'),
      parents: list({
        allOf: [
          schemaRef('PersonData'),
          {
            type: 'object',
            properties: {
              household: id('who may be named to whom; without it nobody is'),
              about: text("a child's first name, used in this parent's own mails only", { maxLength: 200 }),
            },
          },
        ],
      }),
      conference: {
        description: "absent: no word about it. null: not wanted. An object: wanted, in the teacher's account",
        oneOf: [{ type: 'null' }, object({ provider: schemaRef('Provider') })],
      },
    },
    ['conference'],
    'The whole slot as it is now.',
  ),
  PersonChanged: object({ school: object({ id: id('the school') }), person: schemaRef('PersonData') }),
  PersonLeft: object(
    { school: object({ id: id('the school') }), person: object({ id: id('the person') }) },
    [],
    'No longer at this school. A later (time, id) that names the person again undoes it.',
  ),
  SchoolChanged: object(
    {
      school: {
        allOf: [
          schemaRef('SchoolData'),
          {
            type: 'object',
            properties: {
              accountDomains: list(text('a login of another domain is refused', { minLength: 1, maxLength: 253 })),
              revealMinutes: {
                type: ['integer', 'null'],
                minimum: 0,
                maximum: 525_600,
                default: 10,
                description: 'how long before the start the meeting URL is shown; null: always',
              },
              joinRequiresSignIn: { type: 'boolean', default: false },
              contacts: list({
                allOf: [
                  schemaRef('PersonData'),
                  { type: 'object', properties: { role: { enum: ['admin', 'privacy'] } }, required: ['role'] },
                ],
              }),
            },
          },
        ],
      },
    },
    [],
    'The settings as a whole: what is absent has its default again.',
  ),
};
