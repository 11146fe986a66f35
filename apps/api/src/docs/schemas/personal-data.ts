import { AUDIT_ACTIONS } from '#libs/privacy';
import type { JsonSchema } from '../openapi-types.js';
import { schemaRef } from '../parts.js';
import { instant, list, object, orNull, text, url } from './json-schema.js';

/** What we have about a person, to be seen and corrected. */
export const PERSONAL_DATA: Readonly<Record<string, JsonSchema>> = {
  Correction: object(
    {
      name: text('one line of 1 to 200 characters, not all spaces', { minLength: 1, maxLength: 200, pattern: '\\S' }),
      email: text('an e-mail address', { minLength: 3, maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' }),
      locale: text('a language tag (BCP 47), like nl or en-GB', { minLength: 2, maxLength: 35 }),
      about: {
        type: ['string', 'null'],
        maxLength: 200,
        description: "a child's first name, for all of the parent's slots; null or empty takes it away",
      },
    },
    ['name', 'email', 'locale', 'about'],
    'At least one of them.',
  ),
  OwnProfile: object({
    name: text(''),
    email: text(''),
    locale: text('BCP 47'),
    source: { enum: ['the parent-meetings module', 'corrected here'] },
    toldAt: instant('when the event was sent that it came from'),
    correctedAt: orNull(instant('when the person corrected it')),
    leftAt: orNull(instant('when the person left the school')),
  }),
  ParentSlot: object(
    {
      timeslotId: text(''),
      start: instant('UTC'),
      end: instant('UTC'),
      status: { enum: ['planned', 'cancelled'] },
      assigned: { type: 'boolean' },
      teacher: object({ name: text('') }),
      about: orNull(text("the child's first name")),
      household: orNull(text('')),
      urlWasShown: { type: 'boolean' },
      joinLink: orNull(url('to the person only')),
    },
    ['joinLink'],
  ),
  Corrected: object({
    id: text(''),
    person: orNull(schemaRef('OwnProfile')),
    asParent: list(schemaRef('ParentSlot')),
  }),
  PersonalData: object({
    id: text('the person'),
    school: orNull(object({ id: text(''), timeZone: text('of the IANA database') })),
    person: orNull(schemaRef('OwnProfile')),
    contact: orNull(object({ name: text(''), email: text(''), role: { enum: ['admin', 'privacy'] } })),
    asParent: list(schemaRef('ParentSlot')),
    asTeacher: list(
      object({
        timeslotId: text(''),
        start: instant('UTC'),
        end: instant('UTC'),
        status: { enum: ['planned', 'cancelled'] },
      }),
    ),
    meetings: list(
      object(
        {
          timeslotId: text(''),
          provider: schemaRef('Provider'),
          state: text('of our work'),
          account: orNull(text('the e-mail address of the account')),
          createdAt: instant('UTC'),
          meetingId: orNull(text('at the provider; to the owner only')),
          meetingUrl: orNull(url('to the owner only')),
        },
        ['meetingId', 'meetingUrl'],
      ),
    ),
    messages: list(
      object({
        kind: text(''),
        channel: text(''),
        state: text(''),
        timeslotId: orNull(text('')),
        createdAt: instant('UTC'),
        sentAt: orNull(instant('UTC')),
      }),
    ),
    looks: list(
      object(
        {
          at: instant('UTC'),
          action: { enum: AUDIT_ACTIONS },
          by: object({ kind: text(''), role: orNull(text('')), id: orNull(text('to a privacy officer only')) }, ['id']),
          reason: orNull(text('not to support')),
        },
        ['reason'],
      ),
    ),
  }),
};
