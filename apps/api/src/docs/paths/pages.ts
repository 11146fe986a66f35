import type { Paths } from '../openapi-types.js';
import { html, ok, operation, pathId, problems, schemaRef, seeOther } from '../parts.js';

const evening = pathId('id', 'the evening', 'e-9');
const slot = pathId('slot', 'the timeslot', 't-100');
const form = (schema: string, example: unknown) => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema: schemaRef(schema), example } },
});
const backToEvening = { '303': seeOther('Back to the page of the evening.') };

export const PAGE_PATHS: Paths = {
  '/': {
    get: operation('public', {
      operationId: 'home',
      tags: ['Pages'],
      summary: 'The first page: evenings of staff, own slots of a parent, what a privacy officer and ops look at',
      responses: { '200': ok('A page.', html()) },
    }),
  },
  '/evenings/{id}': {
    get: operation(['teacher', 'admin'], {
      operationId: 'eveningPage',
      tags: ['Pages'],
      summary: 'The page of an evening; opening it is a visit',
      parameters: [evening],
      responses: { '200': ok('A page.', html()), ...problems(401, 403, 404) },
    }),
  },
  '/evenings/{id}/conferences': {
    post: operation(['teacher'], {
      operationId: 'wantConferencesForm',
      tags: ['Pages'],
      summary: 'POST /v1/conferences, from a form',
      parameters: [evening],
      requestBody: form('AddForm', { provider: 'google-meet', onlyMissing: 'true' }),
      responses: { ...backToEvening, ...problems(401, 403, 404, 422) },
    }),
  },
  '/evenings/{id}/take-over': {
    post: operation(['teacher'], {
      operationId: 'takeOverEveningForm',
      tags: ['Pages'],
      summary: 'Take over an evening, from a form',
      parameters: [evening],
      requestBody: form('TakeOverBody', { from: 'p-8', provider: 'google-meet' }),
      responses: { ...backToEvening, ...problems(401, 403, 404, 409, 422) },
    }),
  },
  '/evenings/{id}/timeslots/{slot}/take-over': {
    post: operation(['teacher'], {
      operationId: 'takeOverForm',
      tags: ['Pages'],
      summary: 'Take over one slot, from a form',
      parameters: [evening, slot],
      requestBody: form('TakeOverBody', { from: 'p-8', provider: 'google-meet' }),
      responses: { ...backToEvening, ...problems(401, 403, 404, 409, 422) },
    }),
  },
  '/evenings/{id}/timeslots/{slot}/retry': {
    post: operation(['teacher', 'admin'], {
      operationId: 'retryForm',
      tags: ['Pages'],
      summary: 'Try again, from a form',
      parameters: [evening, slot],
      responses: { ...backToEvening, ...problems(401, 403, 404) },
    }),
  },
  '/evenings/{id}/timeslots/{slot}/remove': {
    post: operation(['teacher', 'admin'], {
      operationId: 'removeForm',
      tags: ['Pages'],
      summary: 'No longer wanted, from a form',
      parameters: [evening, slot],
      responses: { ...backToEvening, ...problems(401, 403, 404) },
    }),
  },
  '/assets/{name}': {
    get: operation('public', {
      operationId: 'asset',
      tags: ['Pages'],
      summary: 'The stylesheet and the script of our pages',
      parameters: [pathId('name', 'the file', 'site.css')],
      responses: {
        '200': ok('The file.', {
          'text/css': { schema: { type: 'string' } },
          'text/javascript': { schema: { type: 'string' } },
        }),
        ...problems(404),
      },
    }),
  },
  '/favicon.ico': {
    get: operation('public', {
      operationId: 'favicon',
      tags: ['Pages'],
      summary: 'There is none',
      responses: { '204': { description: 'Nothing.' } },
    }),
  },
};
