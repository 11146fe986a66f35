import type { JsonSchema } from '../openapi-types.js';
import { instant, list, object, text, url } from './json-schema.js';

/** What is answered about events that came in. */
export const EVENTS: Readonly<Record<string, JsonSchema>> = {
  EventResults: object({
    results: list(
      object({
        id: text("the event's id"),
        status: {
          enum: ['accepted', 'duplicate', 'stale'],
          description: 'stale: something newer of the same thing is known; nothing of the slot changed',
        },
        url: url("the event's timeline"),
      }),
      { description: 'in the order of the events' },
    ),
  }),
  EventTimeline: object({
    source: text(''),
    id: text(''),
    type: text(''),
    receivedAt: instant(''),
    status: { enum: ['accepted', 'stale'] },
    steps: list(
      object({ at: instant(''), step: text('a word'), detail: text('ids, states and codes only') }, ['detail']),
    ),
  }),
};
