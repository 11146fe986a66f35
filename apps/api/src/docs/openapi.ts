import * as examples from './examples.js';
import type { Answer, JsonSchema, Paths } from './openapi-types.js';
import { INTAKE_RESPONSES } from './intake-problems.js';
import { PROBLEM_TYPE, schemaRef } from './parts.js';
import { CONFERENCE_PATHS } from './paths/conferences.js';
import { ERASURE_PATHS } from './paths/erasures.js';
import { EVENT_PATHS } from './paths/events.js';
import { LOGIN_PATHS } from './paths/login.js';
import { OPERATION_PATHS } from './paths/operations.js';
import { PAGE_PATHS } from './paths/pages.js';
import { PARENT_PATHS } from './paths/parents.js';
import { PRIVACY_PATHS } from './paths/privacy.js';
import { SCHEMAS } from './schemas/schemas.js';

export const PATHS: Paths = {
  ...EVENT_PATHS,
  ...CONFERENCE_PATHS,
  ...LOGIN_PATHS,
  ...PARENT_PATHS,
  ...ERASURE_PATHS,
  ...OPERATION_PATHS,
  ...PAGE_PATHS,
  ...PRIVACY_PATHS,
};

const { problem } = examples;
const PROBLEMS: Readonly<Record<number, { readonly description: string; readonly example: object }>> = {
  400: {
    description: 'Malformed.',
    example: problem(400, 'Bad Request', 'The CloudEvents envelope is malformed. Nothing was taken in.', [
      { pointer: '/time', detail: 'is missing' },
    ]),
  },
  401: {
    description: 'Not signed in, or the signature does not verify.',
    example: problem(
      401,
      'Unauthorized',
      'Sign in first: open this page from the parent-meetings module, or send a bearer token.',
    ),
  },
  403: {
    description: 'The role may not use this route, or a change came from a page that is not ours.',
    example: problem(403, 'Forbidden', 'Your role may not use this.'),
  },
  404: {
    description: 'Unknown and foreign things alike.',
    example: problem(404, 'Not Found', 'There is no such thing here, or it is not yours.'),
  },
  409: {
    description: 'Something else was first.',
    example: problem(409, 'Conflict', 'Somebody else owns this meeting by now. Look again before you replace it.'),
  },
  413: {
    description: 'More than 2 MiB, or more than 500 events.',
    example: problem(413, 'Content Too Large', 'The body is too large.'),
  },
  415: {
    description: 'A body of another type: routes under /v1 take JSON, the intake of events structured or batch mode.',
    example: problem(
      415,
      'Unsupported Media Type',
      'Send the body as application/json in UTF-8, with that Content-Type.',
    ),
  },
  422: {
    description: 'Data that cannot be, or an Idempotency-Key that was used with another body.',
    example: problem(422, 'Unprocessable Content', 'The request holds data that cannot be.', [
      { pointer: '/provider', detail: 'must be google-meet or microsoft-teams' },
    ]),
  },
  429: {
    description: 'Too often; see Retry-After.',
    example: problem(429, 'Too Many Requests', 'Too many unknown links from here. Wait a few minutes.'),
  },
};

const EXTRA_HEADERS: Readonly<Record<number, Answer['headers']>> = {
  401: { 'WWW-Authenticate': { description: '`Bearer`, where nobody is signed in', schema: { type: 'string' } } },
  429: { 'Retry-After': { description: 'seconds', schema: { type: 'integer', minimum: 0 } } },
};

const responses = Object.fromEntries(
  Object.entries(PROBLEMS).map(([status, { description, example }]): [string, Answer] => [
    `Problem${status}`,
    {
      description: `${description} A browser that asks for a page outside of /v1 gets a page.`,
      headers: { 'X-Request-Id': { $ref: '#/components/headers/RequestId' }, ...EXTRA_HEADERS[Number(status)] },
      content: { [PROBLEM_TYPE]: { schema: schemaRef('Problem'), example } },
    },
  ]),
);

const parameter = (name: string, place: 'query' | 'header', description: string, schema: JsonSchema) => ({
  name,
  in: place,
  required: false,
  description,
  schema,
});

/** The API in OpenAPI 3.1. Kept by hand; a test holds it to the routes. @param serverUrl where it is reached */
export const openApi = (serverUrl: string) => ({
  openapi: '3.1.1',
  info: {
    title: 'Video Conferences for Parent Meetings',
    version: '1',
    description:
      'One private Google Meet link or Teams meeting per family, in the teacher’s own account. `x-roles` says who may call an operation: `public`, `anyone` who is signed in, or one of the roles. Every answer carries `X-Request-Id`, `Cache-Control: no-store` and `Referrer-Policy: same-origin` (`no-referrer` on join links). URLs in answers are absolute; instants are UTC.',
  },
  servers: [{ url: serverUrl }],
  jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
  tags: [
    { name: 'Events', description: 'for the parent-meetings module' },
    { name: 'Conferences', description: 'for teachers, colleagues and admins' },
    { name: 'Signing in', description: 'browsers, by a ticket' },
    { name: 'Login', description: "a teacher's Google or Microsoft account" },
    { name: 'Parents', description: 'the way in' },
    { name: 'Rights', description: 'see, correct, take along and be forgotten; what is kept; who looked' },
    { name: 'Operations', description: 'health, ops, documents' },
    { name: 'Pages', description: 'what people open in a browser, and the forms there' },
  ],
  paths: PATHS,
  components: {
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description:
          'From the parent-meetings module: ES256 or EdDSA, `aud` = `video-conferences`, `iss`, `iat`, `jti`, `exp` at most 10 minutes away, `sub`, `school` (absent for ops), `roles`, `name`, `email`, `locale`. A bearer wins over the session.',
      },
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: '__Host-session',
        description:
          'Set by /enter. A change that comes with a cookie of ours needs an Origin that is ours. Where the application runs on http: the name is `session`.',
      },
      signature: {
        type: 'apiKey',
        in: 'header',
        name: 'webhook-signature',
        description: 'Standard Webhooks, with any live secret of EVENT_SECRETS.',
      },
    },
    headers: {
      RequestId: { description: 'of this request; in our log too', schema: { type: 'string', format: 'uuid' } },
      NextLink: {
        description: '`<URL>; rel="next"` where there is more',
        schema: { type: 'string' },
      },
    },
    parameters: {
      IdempotencyKey: parameter(
        'Idempotency-Key',
        'header',
        'for 24 hours the same key gives the same answer; with another body 422',
        { type: 'string', minLength: 1, maxLength: 255 },
      ),
      Limit: parameter('limit', 'query', 'rows of one answer, in digits only', {
        type: 'integer',
        minimum: 1,
        maximum: 200,
        default: 50,
      }),
      After: parameter('after', 'query', 'what the Link header of the last answer said', { type: 'string' }),
    },
    responses: { ...responses, ...INTAKE_RESPONSES },
    schemas: SCHEMAS,
  },
});

export type OpenApi = ReturnType<typeof openApi>;
