import { ROLES } from '../../http/caller.js';
import type { JsonSchema } from '../openapi-types.js';
import { schemaRef } from '../parts.js';
import { count, instant, list, object, text, url } from './json-schema.js';

/** Who the caller is, and what is there for them. */
export const VISITS: Readonly<Record<string, JsonSchema>> = {
  Me: object({
    person: object({ id: text(''), name: text(''), email: text(''), locale: text('') }),
    roles: list({ enum: [...ROLES] }),
    school: { oneOf: [{ type: 'null' }, object({ id: text('') })] },
    logins: list(object({ login: schemaRef('Login'), account: text('e-mail address of the account') }), {
      description: 'what this browser has connected; empty for a bearer token',
    }),
    needsOwner: count('meetings of this school that wait for the caller'),
  }),
  Visit: object({
    resumed: count('meetings that go on now'),
    needsOwner: count("meetings that still wait, in all the person's schools"),
  }),
  ParentRows: object({
    rows: list(
      object({
        timeslotId: text(''),
        start: instant('UTC'),
        end: instant('UTC'),
        status: schemaRef('Status'),
        joinable: { type: 'boolean' },
        teacher: object({ name: text('') }),
        joinLink: url('the link that the mail carries: a bearer secret'),
      }),
    ),
  }),
};
