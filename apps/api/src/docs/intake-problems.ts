import { problem } from './examples.js';
import type { Answer } from './openapi-types.js';
import { INTAKE_STATUSES, PROBLEM_TYPE, schemaRef } from './parts.js';

type Status = (typeof INTAKE_STATUSES)[number];

const RETRY_AFTER = { 'Retry-After': { description: 'seconds', schema: { type: 'integer', minimum: 0 } } };

/** What each refusal of events is about: title, detail, and the fault that it points at. */
const ABOUT: Readonly<Record<Status, readonly [title: string, detail: string, pointer: string, fault: string]>> = {
  400: ['Bad Request', 'The CloudEvents envelope is malformed. Nothing was taken in.', '/17/time', 'is missing'],
  401: ['Unauthorized', 'The signature does not verify.', '', 'The signature does not verify.'],
  409: ['Conflict', 'An event was seen before with another body.', '/17/id', 'Give the new one an id of its own.'],
  413: ['Content Too Large', 'The body is too large: at most 2048 KiB.', '', 'must have at most 2097152 bytes'],
  415: ['Unsupported Media Type', 'Binary mode is refused.', '', 'Binary mode is refused.'],
  422: ['Unprocessable Content', 'The events hold invalid data.', '/17/data/timeslot/end', 'must be after the start'],
  429: ['Too Many Requests', 'Too many refused events from this address.', '', 'Wait 41 seconds.'],
  503: ['Service Unavailable', 'A store is away. Send it again.', '', 'Send it again.'],
};

/** The refusals of `POST /v1/events`, by the names that its operation refers to. */
export const INTAKE_RESPONSES: Readonly<Record<string, Answer>> = Object.fromEntries(
  INTAKE_STATUSES.map((status): [string, Answer] => {
    const [title, detail, pointer, fault] = ABOUT[status];
    return [
      `IntakeProblem${status}`,
      {
        description: detail,
        headers: {
          'X-Request-Id': { $ref: '#/components/headers/RequestId' },
          ...((status === 429 || status === 503) && RETRY_AFTER),
        },
        content: {
          [PROBLEM_TYPE]: {
            schema: schemaRef('IntakeProblem'),
            example: problem(status, title, detail, [{ pointer, detail: fault }]),
          },
        },
      },
    ];
  }),
);
