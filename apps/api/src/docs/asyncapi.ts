import * as examples from './examples.js';
import type { JsonSchema } from './openapi-types.js';
import { schemaRef } from './parts.js';
import { SCHEMAS } from './schemas/schemas.js';

const CONTENT_TYPE = 'application/cloudevents+json';

interface Message {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly contentType: string;
  readonly headers: JsonSchema;
  readonly payload: JsonSchema;
  readonly examples: readonly { readonly name: string; readonly payload: unknown }[];
}

const signedHeaders: JsonSchema = {
  type: 'object',
  properties: {
    'webhook-id': { type: 'string' },
    'webhook-timestamp': { type: 'string' },
    'webhook-signature': { type: 'string' },
  },
  required: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
};

const message = (
  type: string,
  data: string,
  summary: string,
  given: Readonly<Record<string, unknown>>,
  more: { subject?: JsonSchema } = {},
): Message => ({
  name: type,
  title: type,
  summary,
  contentType: CONTENT_TYPE,
  headers: signedHeaders,
  payload: {
    type: 'object',
    properties: {
      specversion: { const: '1.0' },
      id: { type: 'string', minLength: 1, maxLength: 128 },
      source: { type: 'string', minLength: 1, maxLength: 512 },
      type: { const: type },
      time: { type: 'string', format: 'date-time' },
      datacontenttype: { type: 'string' },
      ...more,
      data: schemaRef(data),
    },
    required: ['specversion', 'id', 'source', 'type', 'time', ...Object.keys(more), 'data'],
  },
  examples: Object.entries(given).map(([name, payload]) => ({ name, payload })),
});

/** Messages by their key in the document. */
export const EVENTS_IN: Readonly<Record<string, Message>> = {
  timeslotChanged: message(
    'parentmeetings.timeslot.changed.v1',
    'TimeslotChanged',
    'The whole slot as it is now. A version that is not above the stored one is stale: nothing of the slot changes.',
    { planned: examples.timeslotChanged, cancelled: examples.timeslotCancelled },
  ),
  personChanged: message(
    'parentmeetings.person.changed.v1',
    'PersonChanged',
    'Name, address or language. The latest (time, id) counts.',
    { 'new address': examples.personChanged },
  ),
  personLeft: message(
    'parentmeetings.person.left.v1',
    'PersonLeft',
    'No longer at this school: a parent is taken off all slots at once; for a teacher nothing more is made.',
    { parent: examples.personLeft },
  ),
  schoolChanged: message(
    'parentmeetings.school.changed.v1',
    'SchoolChanged',
    "The school's settings as a whole: what is absent has its default.",
    { settings: examples.schoolChanged, 'links are always open': examples.schoolAlways },
  ),
};

const out = (kind: string, summary: string, status: string, joinable: boolean) =>
  message(
    `videoconferences.conference.${kind}.v1`,
    'ConferenceEventData',
    summary,
    { example: examples.eventOut(kind, status, joinable) },
    { subject: { type: 'string', description: 'the timeslot' } },
  );

export const EVENTS_OUT: Readonly<Record<string, Message>> = {
  conferenceReady: out('ready', 'A working link is published.', 'ready', true),
  conferenceChanged: out('changed', 'Ready again, in a newer version.', 'ready', true),
  conferenceNeedsOwner: out('needs-owner', "It waits for its owner's next visit.", 'needs_owner', false),
  conferenceFailed: out(
    'failed',
    'A person must do something. With the status `failed` no meeting could be made; with another one, a meeting that is no longer wanted could not be removed.',
    'failed',
    false,
  ),
  conferenceRemoved: out('removed', 'There is none any more.', 'removed', false),
};

const refs = (names: readonly string[], channel?: string) =>
  names.map((name) => ({ $ref: channel ? `#/channels/${channel}/messages/${name}` : `#/components/messages/${name}` }));
const byName = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));

/** The events in and out in AsyncAPI 3. @param serverUrl where the API is reached */
export function asyncApi(serverUrl: string) {
  const { host, protocol } = new URL(serverUrl);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Video Conferences for Parent Meetings: events',
      version: '1',
      description:
        'CloudEvents 1.0 in structured mode, signed by Standard Webhooks in both directions. At least once: `source` and `id` identify an event.',
    },
    defaultContentType: CONTENT_TYPE,
    servers: {
      intake: { host, protocol: protocol.slice(0, -1), description: 'this application' },
    },
    channels: {
      intake: {
        address: '/v1/events',
        title: 'What the parent-meetings module tells us',
        description: 'Also as a batch of at most 500 (application/cloudevents-batch+json).',
        servers: [{ $ref: '#/servers/intake' }],
        messages: byName(Object.keys(EVENTS_IN)),
      },
      webhook: {
        address: null,
        title: 'What we tell: POST to WEBHOOK_URL',
        description:
          'Never a URL or a name. `webhook-id` is the event’s id; 2xx within 10 s is a receipt, anything else is tried again for 24 hours.',
        messages: byName(Object.keys(EVENTS_OUT)),
      },
    },
    operations: {
      takeInEvents: {
        action: 'receive',
        channel: { $ref: '#/channels/intake' },
        messages: refs(Object.keys(EVENTS_IN), 'intake'),
      },
      tellWhatBecame: {
        action: 'send',
        channel: { $ref: '#/channels/webhook' },
        messages: refs(Object.keys(EVENTS_OUT), 'webhook'),
      },
    },
    components: { messages: { ...EVENTS_IN, ...EVENTS_OUT }, schemas: SCHEMAS },
  };
}
