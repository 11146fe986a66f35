import type { Access } from '../http/access.js';
import type { Answer, Contents, JsonSchema, Operation, Parameter, Reference } from './openapi-types.js';

export const PROBLEM_TYPE = 'application/problem+json';

export const schemaRef = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });
const responseRef = (name: string): Reference => ({ $ref: `#/components/responses/${name}` });
const parameterRef = (name: string): Reference => ({ $ref: `#/components/parameters/${name}` });

/** One operation. Who may call it also says how: public routes need nothing, all others a bearer token or the session. */
export function operation(
  access: Access,
  rest: Omit<Operation, 'x-roles' | 'security'> & { readonly security?: Operation['security'] },
): Operation {
  return { security: access === 'public' ? [] : [{ bearer: [] }, { session: [] }], ...rest, 'x-roles': access };
}

export const json = (schema: JsonSchema, example: unknown): Contents => ({ 'application/json': { schema, example } });

/** A page; what it shows is for people and may change. */
export const html = (): Contents => ({ 'text/html': { schema: { type: 'string' } } });

export const ok = (description: string, content: Contents): Answer => ({
  description,
  headers: { 'X-Request-Id': { $ref: '#/components/headers/RequestId' } },
  content,
});

/** 303 to another place. */
export const seeOther = (description: string): Answer => ({
  description,
  headers: { Location: { description: 'where to go on', schema: { type: 'string' } } },
});

/** Refusals by status, each as problem+json (RFC 9457). */
export const problems = (...statuses: readonly number[]): Record<string, Reference> =>
  Object.fromEntries(statuses.map((status) => [String(status), responseRef(`Problem${status}`)]));

/** How events are refused. */
export const INTAKE_STATUSES = [400, 401, 409, 413, 415, 422, 429, 503] as const;

/** The same of signed intake, which always says where. */
export const intakeProblems = (...statuses: readonly number[]): Record<string, Reference> =>
  Object.fromEntries(statuses.map((status) => [String(status), responseRef(`IntakeProblem${status}`)]));

export const pathId = (name: string, description: string, example: string): Parameter => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string', minLength: 1 },
  example,
});

export const idempotencyKey = parameterRef('IdempotencyKey');
export const limit = parameterRef('Limit');
export const after = parameterRef('After');
