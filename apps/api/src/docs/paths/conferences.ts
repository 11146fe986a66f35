import { APP, progress, readiness, row, waitingRow } from '../examples.js';
import type { Answer, Contents, Paths } from '../openapi-types.js';
import { after, idempotencyKey, json, limit, ok, operation, pathId, problems, schemaRef } from '../parts.js';

const evening = pathId('id', 'the evening', 'e-9');
const timeslot = pathId('id', 'the timeslot', 't-100');
const rowUrl = `${APP}/v1/timeslots/t-100/conference`;
const rowsUrl = `${APP}/v1/evenings/e-9/conferences`;

const accepted = (description: string, count: number, url: string): Answer =>
  ok(description, json(schemaRef('Accepted'), { accepted: count, url }));

const body = (schema: string, example: unknown): { required: true; content: Contents } => ({
  required: true,
  content: json(schemaRef(schema), example),
});

const takeOver = { from: 'p-8', provider: 'google-meet' };

export const CONFERENCE_PATHS: Paths = {
  '/v1/conferences': {
    post: operation(['teacher'], {
      operationId: 'wantConferences',
      tags: ['Conferences'],
      summary: "Want conferences in the caller's account",
      description:
        'For slots whose teacher is the caller: some, or all planned ones of an evening. What a colleague owns stays untouched. Another provider replaces, the new one first, unless `onlyMissing`.',
      parameters: [idempotencyKey],
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: schemaRef('WantBody'),
            examples: {
              evening: {
                summary: 'a whole evening, only what is missing',
                value: { provider: 'google-meet', eveningId: 'e-9', onlyMissing: true },
              },
              timeslots: {
                summary: 'some slots',
                value: { provider: 'microsoft-teams', timeslotIds: ['t-100', 't-101'] },
              },
            },
          },
        },
      },
      responses: {
        '202': accepted('Wanted. `accepted` counts slots ahead.', 15, rowsUrl),
        ...problems(401, 403, 404, 415, 422),
      },
    }),
  },
  '/v1/evenings/{id}/conferences': {
    get: operation(['teacher', 'admin'], {
      operationId: 'eveningConferences',
      tags: ['Conferences'],
      summary: "An evening's conferences, in order of start",
      parameters: [evening, limit, after],
      responses: {
        '200': {
          ...ok('One row per timeslot.', json(schemaRef('ConferenceRows'), { rows: [row, waitingRow] })),
          headers: {
            'X-Request-Id': { $ref: '#/components/headers/RequestId' },
            Link: { $ref: '#/components/headers/NextLink' },
          },
        },
        ...problems(401, 403, 404, 422),
      },
    }),
  },
  '/v1/timeslots/{id}/conference': {
    get: operation(['teacher', 'admin'], {
      operationId: 'timeslotConference',
      tags: ['Conferences'],
      summary: 'The conference of one timeslot',
      parameters: [timeslot],
      responses: { '200': ok('One row.', json(schemaRef('ConferenceRow'), row)), ...problems(401, 403, 404) },
    }),
    delete: operation(['teacher', 'admin'], {
      operationId: 'removeConference',
      tags: ['Conferences'],
      summary: 'No longer wanted',
      description: "For the slot's teacher, the meeting's owner and an admin of the school; for others 404.",
      parameters: [timeslot, idempotencyKey],
      responses: {
        '202': accepted('The meeting will be removed.', 1, rowUrl),
        ...problems(401, 403, 404, 422),
      },
    }),
  },
  '/v1/timeslots/{id}/conference/retry': {
    post: operation(['teacher', 'admin'], {
      operationId: 'retryConference',
      tags: ['Conferences'],
      summary: 'Try a failed or waiting meeting, or removal, again now',
      description:
        "What is ready is looked at. For the slot's teacher, the meeting's owner (also of one that could not be removed) and an admin. A provider's limit is waited for all the same.",
      parameters: [timeslot, idempotencyKey],
      responses: { '202': accepted('It is tried again.', 1, rowUrl), ...problems(401, 403, 404, 422) },
    }),
  },
  '/v1/timeslots/{id}/conference/take-over': {
    post: operation(['teacher'], {
      operationId: 'takeOverConference',
      tags: ['Conferences'],
      summary: "Replace the meeting by one in the caller's account",
      description:
        'The old meeting stays published until the new one is; join links stay the same. Without a login the new one waits as `needs_owner`.',
      parameters: [timeslot, idempotencyKey],
      requestBody: body('TakeOverBody', takeOver),
      responses: {
        '202': accepted('It will be replaced.', 1, rowUrl),
        ...problems(401, 403, 404, 409, 415, 422),
      },
    }),
  },
  '/v1/evenings/{id}/take-over': {
    post: operation(['teacher'], {
      operationId: 'takeOverEvening',
      tags: ['Conferences'],
      summary: "Replace all meetings of one owner by the caller's own",
      description: 'All slots ahead of the evening whose owner is `from`; 409 where there is none any more.',
      parameters: [evening, idempotencyKey],
      requestBody: body('TakeOverBody', takeOver),
      responses: { '202': accepted('They will be replaced.', 12, rowsUrl), ...problems(401, 403, 404, 409, 415, 422) },
    }),
  },
  '/v1/evenings/{id}/progress': {
    get: operation(['teacher', 'admin'], {
      operationId: 'eveningProgress',
      tags: ['Conferences'],
      summary: 'How far an evening is',
      parameters: [evening],
      responses: {
        '200': ok('Counts of wanted slots ahead.', json(schemaRef('Progress'), progress)),
        ...problems(401, 403, 404),
      },
    }),
  },
  '/v1/evenings/{id}/readiness': {
    get: operation(['teacher', 'admin'], {
      operationId: 'eveningReadiness',
      tags: ['Conferences'],
      summary: 'Is an evening ready?',
      description: 'Green, amber or red, at the checkpoint that was passed last before the next slot.',
      parameters: [evening],
      responses: {
        '200': ok('Lights of the evening and of each teacher.', json(schemaRef('EveningReadiness'), readiness)),
        ...problems(401, 403, 404),
      },
    }),
  },
  '/v1/evenings/{id}/progress/stream': {
    get: operation(['teacher', 'admin'], {
      operationId: 'eveningProgressStream',
      tags: ['Conferences'],
      summary: 'The same, live',
      description:
        'Server-sent events: `progress` with the counts as JSON, first at once, then on every change; `alive` every 25 seconds.',
      parameters: [evening],
      responses: {
        '200': ok('A stream.', {
          'text/event-stream': {
            schema: { type: 'string' },
            example: `event: progress\nid: 1\ndata: ${JSON.stringify(progress)}\n\n`,
          },
        }),
        ...problems(401, 403, 404),
      },
    }),
  },
};
