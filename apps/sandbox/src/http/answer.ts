import { errorAnswer, type FaultName } from '../world/faults.js';

/** What an operation says. Exactly one of json, html and location, or none: an empty answer. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  json?: unknown;
  html?: string;
  location?: string;
}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  json: body,
  headers,
});

export const page = (status: number, html: string): Answer => ({ status, html });

export const redirect = (location: string): Answer => ({ status: 302, location });

export const empty = (status: number): Answer => ({ status });

/** Thrown by an operation that refuses; the answer is that of the fault with the same name. */
export class Refusal extends Error {
  constructor(
    readonly fault: FaultName,
    /** Replaces the usual message, for errors whose message names what was wrong. */
    readonly detail?: string,
  ) {
    super(fault);
  }
}

/** The answer of a fault by name. `retryAfter` in seconds, or as it is to be sent. */
export const faultAnswer = (fault: FaultName, retryAfter?: number | string, detail?: string): Answer => {
  const error = errorAnswer(fault);
  if (!error) throw new TypeError(`The fault "${fault}" has no answer`);
  const headers = { ...error.headers, ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }) };
  if (typeof error.body === 'string') return { status: error.status, html: error.body, headers };
  return json(
    error.status,
    detail === undefined ? structuredClone(error.body) : withMessage(error.body, detail),
    headers,
  );
};

const withMessage = (body: object, message: string): object => {
  const copy = structuredClone(body) as { error: { message?: string; errors?: { message: string }[] } };
  copy.error.message = message;
  const first = copy.error.errors?.[0];
  if (first) first.message = message;
  return copy;
};
