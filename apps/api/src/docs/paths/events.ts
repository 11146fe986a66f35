import { BATCH, MOST_EVENTS, STRUCTURED } from '../../events/read-events.js';
import { MAX_DEPTH, MAX_VALUES } from '../../http/json-text.js';
import { APP, personLeft, timeslotChanged } from '../examples.js';
import type { Parameter, Paths } from '../openapi-types.js';
import { INTAKE_STATUSES, intakeProblems, json, ok, operation, pathId, problems, schemaRef } from '../parts.js';

const signed = (name: string, description: string, example: string): Parameter => ({
  name,
  in: 'header',
  required: true,
  description,
  schema: { type: 'string' },
  example,
});

const envelope = (data: object) => ({
  type: 'object',
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', minLength: 1, maxLength: 128 },
    source: { type: 'string', minLength: 1, maxLength: 512 },
    type: {
      enum: ['timeslot.changed', 'person.changed', 'person.left', 'school.changed'].map(
        (name) => `parentmeetings.${name}.v1`,
      ),
    },
    time: { type: 'string', format: 'date-time', description: 'required; at most 5 minutes ahead' },
    datacontenttype: { type: 'string', description: 'JSON, or absent' },
    data,
  },
  required: ['specversion', 'id', 'source', 'type', 'time', 'data'],
});

const anEvent = envelope({
  description: 'by type; see /v1/asyncapi.json',
  anyOf: ['TimeslotChanged', 'PersonChanged', 'PersonLeft', 'SchoolChanged'].map(schemaRef),
});

export const EVENT_PATHS: Paths = {
  '/v1/events': {
    post: operation('public', {
      operationId: 'takeInEvents',
      tags: ['Events'],
      summary: 'Take in what the parent-meetings module says',
      description: [
        'CloudEvents 1.0, structured or batch; binary mode is refused, since its headers are not signed. Signed by Standard Webhooks over the body. Answered after commit; nothing outside is called.',
        `A batch of at most ${MOST_EVENTS} events is accepted or refused whole; pointers of its refusal start with the index of the event, like \`/17/data/timeslot/end\`. \`source\` and \`id\` identify an event: a replay is \`duplicate\`, the same id with another body 409.`,
        `An event is nested at most ${MAX_DEPTH} levels deep and holds at most ${MAX_VALUES} members and elements (422). At most 100 faults are listed. An address whose signatures do not verify gets 429 instead of 401 after a while; what is signed is not limited.`,
      ].join('\n\n'),
      security: [{ signature: [] }],
      parameters: [
        signed('webhook-id', 'of this message; part of what is signed', 'msg_2b1f'),
        signed('webhook-timestamp', 'seconds since 1970; at most 5 minutes away', '1794301200'),
        signed(
          'webhook-signature',
          '`v1,` and base64 of the HMAC-SHA256 of `id.timestamp.body`',
          'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
        ),
      ],
      requestBody: {
        required: true,
        content: {
          [STRUCTURED]: { schema: anEvent, example: timeslotChanged },
          [BATCH]: {
            schema: { type: 'array', maxItems: MOST_EVENTS, items: anEvent },
            example: [timeslotChanged, personLeft],
          },
        },
      },
      responses: {
        '202': ok(
          'Taken in, and safe.',
          json(schemaRef('EventResults'), {
            results: [
              {
                id: 'ev-100',
                status: 'accepted',
                url: `${APP}/v1/events/https%3A%2F%2Fmeetings.school.example/ev-100`,
              },
            ],
          }),
        ),
        ...intakeProblems(...INTAKE_STATUSES),
      },
    }),
  },
  '/v1/events/{source}/{id}': {
    get: operation(['support', 'ops'], {
      operationId: 'eventTimeline',
      tags: ['Events'],
      summary: 'What happened to my event?',
      description: 'Ids, states and codes only: no name and no URL.',
      parameters: [
        pathId('source', 'URL-encoded', 'https%3A%2F%2Fmeetings.school.example'),
        pathId('id', 'URL-encoded', 'ev-100'),
      ],
      responses: {
        '200': ok(
          'The event and what came of it.',
          json(schemaRef('EventTimeline'), {
            source: 'https://meetings.school.example',
            id: 'ev-100',
            type: 'parentmeetings.timeslot.changed.v1',
            receivedAt: '2026-11-10T09:00:01.000Z',
            status: 'accepted',
            steps: [
              { at: '2026-11-10T09:00:01.000Z', step: 'received', detail: 'accepted' },
              { at: '2026-11-10T09:00:01.000Z', step: 'meeting-wanted', detail: 'generation 1 at google-meet' },
              { at: '2026-11-10T09:00:04.000Z', step: 'meeting-settled', detail: 'generation 1 at google-meet' },
              { at: '2026-11-10T09:00:04.000Z', step: 'meeting-state', detail: 'generation 1 at google-meet: settled' },
              { at: '2026-11-10T09:00:06.000Z', step: 'message-sent', detail: 'ready by email: sent' },
            ],
          }),
        ),
        ...problems(401, 403, 404),
      },
    }),
  },
};
