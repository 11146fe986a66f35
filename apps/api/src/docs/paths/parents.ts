import { APP } from '../examples.js';
import type { Paths } from '../openapi-types.js';
import { after, html, json, limit, ok, operation, pathId, problems, schemaRef, seeOther } from '../parts.js';

const token = pathId('token', 'the secret of one parent and one slot; never logged', 'nV3k…');

export const PARENT_PATHS: Paths = {
  '/j/{token}': {
    get: operation('public', {
      operationId: 'lookAtJoinLink',
      tags: ['Parents'],
      summary: "The page of a parent's slot",
      description:
        'Teacher, day and time; no child and no other parent. Changes nothing, so that mail scanners cannot burn it.',
      parameters: [token],
      responses: { '200': ok('The page, also for a cancelled slot.', html()), ...problems(404, 429) },
    }),
    post: operation('public', {
      operationId: 'join',
      tags: ['Parents'],
      summary: 'Join',
      description:
        "From the school's `revealMinutes` before the start until 30 minutes after the end (`null`: always). With `joinRequiresSignIn` only in that very person's session.",
      parameters: [token],
      responses: {
        '200': ok('The page, with the reason why not (yet).', html()),
        '303': seeOther("To the provider's URL, with no referrer."),
        ...problems(403, 404, 429),
      },
    }),
  },
  '/j/{token}/calendar.ics': {
    get: operation('public', {
      operationId: 'joinCalendar',
      tags: ['Parents'],
      summary: 'The calendar file of the slot',
      description: 'Same UID as in the mails; holds the join link and never the URL of the provider.',
      parameters: [token],
      responses: {
        '200': ok('iCalendar; METHOD:CANCEL for a slot that is off.', {
          'text/calendar': { schema: { type: 'string' } },
        }),
        ...problems(404, 429),
      },
    }),
  },
  '/v1/me/conferences': {
    get: operation(['parent'], {
      operationId: 'ownConferences',
      tags: ['Parents'],
      summary: "The caller's own slots, in order of start",
      parameters: [limit, after],
      responses: {
        '200': {
          ...ok(
            'One row per slot that the caller is assigned to.',
            json(schemaRef('ParentRows'), {
              rows: [
                {
                  timeslotId: 't-100',
                  start: '2026-11-24T18:10:00.000Z',
                  end: '2026-11-24T18:20:00.000Z',
                  status: 'ready',
                  joinable: true,
                  teacher: { name: 'Anne de Vries' },
                  joinLink: `${APP}/j/nV3kExampleTokenOf43CharactersBase64urlText0`,
                },
              ],
            }),
          ),
          headers: {
            'X-Request-Id': { $ref: '#/components/headers/RequestId' },
            Link: { $ref: '#/components/headers/NextLink' },
          },
        },
        ...problems(401, 403, 404, 422),
      },
    }),
  },
};
