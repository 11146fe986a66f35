import type { Paths } from '../openapi-types.js';
import { html, json, ok, operation, problems, schemaRef } from '../parts.js';

const document = (operationId: string, summary: string, path: string): Paths => ({
  [path]: {
    get: operation('public', {
      operationId,
      tags: ['Operations'],
      summary,
      responses: { '200': ok('The document.', { 'application/json': { schema: { type: 'object' } } }) },
    }),
  },
});

export const OPERATION_PATHS: Paths = {
  '/livez': {
    get: operation('public', {
      operationId: 'alive',
      tags: ['Operations'],
      summary: 'Does the process run?',
      responses: { '200': ok('Yes.', json(schemaRef('Alive'), { status: 'alive' })) },
    }),
  },
  '/readyz': {
    get: operation('public', {
      operationId: 'ready',
      tags: ['Operations'],
      summary: 'Can it work? It can while Postgres answers',
      responses: {
        '200': ok('Yes.', json(schemaRef('Readiness'), { status: 'ready', faults: [] })),
        '503': ok(
          'No.',
          json(schemaRef('Readiness'), {
            status: 'not-ready',
            faults: [
              'DATABASE_URL: Postgres (25006): the server is read-only: a replica, or a primary that was demoted. Point the URL at the primary.',
            ],
          }),
        ),
      },
    }),
  },
  '/ops': {
    get: operation(['ops'], {
      operationId: 'ops',
      tags: ['Operations'],
      summary: 'Well or ill, and what to do',
      description: 'Counts only. The read-only queue dashboard stands at `/ops/queues`, for the same role.',
      responses: { '200': ok('A page.', html()), ...problems(401, 403) },
    }),
  },
  '/.well-known/security.txt': {
    get: operation('public', {
      operationId: 'securityTxt',
      tags: ['Operations'],
      summary: 'Where to report a weakness (RFC 9116)',
      responses: {
        '200': ok('The file.', {
          'text/plain': { schema: { type: 'string' }, example: 'Contact: mailto:security@school.example\n' },
        }),
        ...problems(404),
      },
    }),
  },
  '/docs': {
    get: operation('public', {
      operationId: 'docs',
      tags: ['Operations'],
      summary: 'This API, to read',
      responses: { '200': ok('A page.', html()) },
    }),
  },
  ...document('openapi', 'This document', '/v1/openapi.json'),
  ...document('asyncapi', 'The events in and out (AsyncAPI 3)', '/v1/asyncapi.json'),
};
