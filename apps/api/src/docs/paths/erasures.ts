import { APP } from '../examples.js';
import type { Paths } from '../openapi-types.js';
import { after, idempotencyKey, json, limit, ok, operation, pathId, problems, schemaRef } from '../parts.js';

const ID = '3b8f4a52-6c1e-4d0f-8a77-5f2f0c9d1e64';
const requested = {
  id: ID,
  school: 's-1',
  state: 'requested',
  requestedAt: '2026-11-22T09:00:00.000Z',
  dueAt: '2026-12-22T09:00:00.000Z',
  url: `${APP}/v1/erasures/${ID}`,
  erasedAt: null,
  doneAt: null,
  provider: { waiting: 0, note: null },
  receipt: null,
};
const done = {
  ...requested,
  state: 'done',
  erasedAt: '2026-11-22T09:00:01.000Z',
  doneAt: '2026-11-22T09:00:01.500Z',
  receipt: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImVyYXN1cmUtcmVjZWlwdCtqc29uIn0.eyJlcmFzdXJlIjoi4oCmIn0.c2lnbmF0dXJl',
};

const { receipt: _, ...row } = requested;
const waitingRow = {
  ...row,
  state: 'waiting_for_owner',
  erasedAt: '2026-11-22T09:00:01.000Z',
  provider: {
    waiting: 2,
    note: 'These meetings are still in the account of their owner. They are removed at the next visit with that account; on the due date the rest is given up.',
  },
  cause: 'request',
  late: false,
};

export const ERASURE_PATHS: Paths = {
  '/v1/people/{id}/erasure': {
    post: operation('anyone', {
      operationId: 'requestErasure',
      tags: ['Rights'],
      summary: 'Forget a person (R14)',
      description:
        "The person itself in any role, or a privacy officer for somebody of the own school; everybody else's id is unknown. It begins at once; by law it ends within 30 days. Repeated while it is open, it answers the same one; repeated by the person when it is done, that one too. `everywhere` (the person itself only): all schools of the person, each with an erasure of its own in `erasures`.",
      parameters: [pathId('id', 'the person', 'p-31'), idempotencyKey],
      requestBody: {
        required: false,
        content: json(schemaRef('ErasureBody'), { everywhere: false }),
      },
      responses: {
        '202': ok('Asked for. `dueAt` is when it ends at the latest.', json(schemaRef('Erasure'), requested)),
        ...problems(401, 403, 404, 415, 422),
      },
    }),
  },
  '/v1/erasures': {
    get: operation(['privacy'], {
      operationId: 'listErasures',
      tags: ['Rights'],
      summary: "The school's erasures, newest first",
      description:
        'Which still wait for their owner’s visit, until when, and which are late (`late`: not done after `dueAt`). Nobody is named. The look is written down.',
      parameters: [limit, after],
      responses: {
        '200': {
          ...ok('Rows.', json(schemaRef('ErasureRows'), { rows: [waitingRow] })),
          headers: {
            'X-Request-Id': { $ref: '#/components/headers/RequestId' },
            Link: { $ref: '#/components/headers/NextLink' },
          },
        },
        ...problems(401, 403, 422),
      },
    }),
  },
  '/v1/erasures/{id}': {
    get: operation('anyone', {
      operationId: 'erasure',
      tags: ['Rights'],
      summary: 'What became of an erasure, and its signed receipt',
      description:
        'To the person it is about, also afterwards, and to privacy officers of its school. The receipt is a compact JWS (EdDSA); its key is at `/.well-known/jwks.json`.',
      parameters: [pathId('id', 'the erasure', ID)],
      responses: { '200': ok('The erasure.', json(schemaRef('Erasure'), done)), ...problems(401, 404) },
    }),
  },
  '/.well-known/jwks.json': {
    get: operation('public', {
      operationId: 'signingKeys',
      tags: ['Rights'],
      summary: 'The public key of receipts and audit checkpoints (RFC 7517)',
      responses: {
        '200': ok(
          'The key set.',
          json(schemaRef('JsonWebKeys'), {
            keys: [
              {
                kty: 'OKP',
                crv: 'Ed25519',
                x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
                kid: 'NzbLsXh8uDCcd-6M',
                alg: 'EdDSA',
                use: 'sig',
              },
            ],
          }),
        ),
      },
    }),
  },
};
