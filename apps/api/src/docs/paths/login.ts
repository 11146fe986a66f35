import type { Answer, Parameter, Paths } from '../openapi-types.js';
import { html, idempotencyKey, json, ok, operation, problems, schemaRef, seeOther } from '../parts.js';

const login: Parameter = {
  name: 'login',
  in: 'path',
  required: true,
  description: 'whose account; another word is 404',
  schema: schemaRef('Login'),
  example: 'google',
};
const to: Parameter = {
  name: 'to',
  in: 'query',
  required: false,
  description: 'an own path to go on to; anything else is 400',
  schema: { type: 'string', default: '/' },
  example: '/evenings/e-9',
};
const form = (schema: string, example: unknown) => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema: schemaRef(schema), example } },
});
const withCookies = (answer: Answer, description: string): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'Set-Cookie': { description, schema: { type: 'string' } } },
});
const refused: Answer = ok('A page that says why, and no cookie.', html());

export const LOGIN_PATHS: Paths = {
  '/enter': {
    get: operation('public', {
      operationId: 'enter',
      tags: ['Signing in'],
      summary: 'Sign in by a ticket of the parent-meetings module',
      description:
        'A JWT with `aud` = `video-conferences/enter`, used once, at most 60 s old. Somebody who is signed in as another person gets a form, and only that uses the ticket up.',
      parameters: [
        { name: 'ticket', in: 'query', required: true, description: 'the JWT', schema: { type: 'string' } },
        to,
      ],
      responses: {
        '200': ok('Signed in as somebody else: a form that asks.', html()),
        '303': withCookies(seeOther('To `to`.'), 'the session, 12 hours at most'),
        '401': ok('A used, old or wrong ticket: a page.', html()),
        ...problems(400),
      },
    }),
    post: operation('public', {
      operationId: 'enterAsOther',
      tags: ['Signing in'],
      summary: 'Sign in as somebody else',
      requestBody: form('EnterForm', { ticket: 'eyJhbGciOiJFUzI1NiJ9…', to: '/' }),
      responses: {
        '303': withCookies(seeOther('To `to`.'), 'the session'),
        '401': ok('A used, old or wrong ticket: a page.', html()),
        ...problems(400, 403),
      },
    }),
  },
  '/leave': {
    post: operation('public', {
      operationId: 'leave',
      tags: ['Signing in'],
      summary: 'Sign out',
      description: 'A copy of the session cookie does not work any more either.',
      responses: { '303': withCookies(seeOther('To `/`.'), 'clears the session'), ...problems(403) },
    }),
  },
  '/login/{login}': {
    get: operation(['teacher'], {
      operationId: 'connect',
      tags: ['Login'],
      summary: 'Connect an account',
      parameters: [login, to],
      responses: {
        '303': withCookies(seeOther('To the provider.'), 'the sign-in under way, 10 minutes'),
        '503': refused,
        ...problems(400, 401, 403, 404),
      },
    }),
    delete: operation(['teacher'], {
      operationId: 'forget',
      tags: ['Login'],
      summary: 'Forget me in this browser',
      parameters: [
        login,
        {
          name: 'everywhere',
          in: 'query',
          required: false,
          description: 'also revoke at the provider, where that can be; another word is 400',
          schema: { enum: ['true', 'false'], default: 'false' },
        },
      ],
      responses: {
        '204': withCookies({ description: 'Forgotten.' }, 'clears the login'),
        ...problems(400, 401, 403, 404),
      },
    }),
  },
  '/login/{login}/callback': {
    get: operation(['teacher'], {
      operationId: 'loginCallback',
      tags: ['Login'],
      summary: "The provider's way back",
      description:
        'Query parameters are those of OAuth. What is learned goes into the browser’s cookie and nowhere else.',
      parameters: [login],
      responses: {
        '303': withCookies(seeOther('To the page that asked.'), 'the login, sealed, bound to the person'),
        '400': ok('The sign-in is too old, used before, or not of this browser: a page.', html()),
        '403': ok(
          'Declined, scope missing, another domain, a private account, or a role that may not: a page.',
          html(),
        ),
        '500': ok('The provider refuses our application: a page.', html()),
        '503': ok('The provider is down: a page.', html()),
        ...problems(401, 404),
      },
    }),
  },
  '/login/{login}/forget': {
    post: operation(['teacher'], {
      operationId: 'forgetForm',
      tags: ['Login'],
      summary: 'The same as DELETE, from a form',
      parameters: [login],
      requestBody: form('ForgetForm', { to: '/evenings/e-9', everywhere: 'false' }),
      responses: {
        '303': withCookies(seeOther('To `to`.'), 'clears the login'),
        ...problems(400, 401, 403, 404),
      },
    }),
  },
  '/v1/me': {
    get: operation('anyone', {
      operationId: 'me',
      tags: ['Login'],
      summary: 'Who am I, and what have I connected?',
      responses: {
        '200': ok(
          'The caller.',
          json(schemaRef('Me'), {
            person: { id: 'p-7', name: 'Anne de Vries', email: 'anne@regenboog.example', locale: 'nl' },
            roles: ['teacher'],
            school: { id: 's-1' },
            logins: [{ login: 'google', account: 'anne@regenboog.example' }],
            needsOwner: 1,
          }),
        ),
        ...problems(401),
      },
    }),
  },
  '/v1/visits': {
    post: operation('anyone', {
      operationId: 'visit',
      tags: ['Login'],
      summary: '“I am here”',
      description:
        'Lends leases from the login cookies of this browser and lets go on what waited for them. A bearer token has no cookies, so it resumes nothing.',
      parameters: [idempotencyKey],
      responses: {
        '200': withCookies(
          ok('Counts.', json(schemaRef('Visit'), { resumed: 3, needsOwner: 0 })),
          'a login that was renewed or is over',
        ),
        ...problems(401, 403, 422),
      },
    }),
  },
};
