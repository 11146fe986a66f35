import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { graphAnswer } from './graph-answer.js';
import { graphMeaning } from './graph-meaning.js';

const now = new Date('2026-11-24T18:00:00Z');
const thrown = (statusCode: number, code: string | null, headers: Record<string, string> = {}) =>
  Object.assign(new Error('raw-secret'), { statusCode, code, body: 'raw-secret', headers: new Headers(headers) });
const meaning = (error: unknown, write = true, aborted = false) =>
  graphMeaning(graphAnswer(error), { write, now, aborted });

describe('P10 what Microsoft says, in our words', () => {
  it.each([
    [400, 'BadRequest', 'refused', 'bad-request'],
    [401, 'InvalidAuthenticationToken', 'login-required', 'token-rejected'],
    [401, 'AuthenticationError', 'refused', 'no-conferences'],
    [403, 'Forbidden', 'refused', 'no-licence'],
    [403, 'insufficient_claims', 'login-required', 'token-rejected'],
    [403, 'Authorization_RequestDenied', 'login-required', 'scope-missing'],
    [403, 'accessDenied', 'refused', 'blocked-by-admin'],
    [403, 'SomethingNew', 'unavailable', 'unknown-answer'],
    [403, null, 'unavailable', 'unknown-answer'],
    [404, 'NotFound', 'not-found', 'not-found'],
    [409, 'Conflict', 'unavailable', 'unknown-answer'],
    [423, 'Locked', 'unavailable', 'unknown-answer'],
    [429, 'TooManyRequests', 'rate-limited', 'rate-limit'],
    [429, null, 'rate-limited', 'rate-limit'],
    [500, 'generalException', 'unavailable', 'server-error'],
    [502, null, 'unavailable', 'server-error'],
    [503, 'serviceNotAvailable', 'unavailable', 'server-error'],
    [504, null, 'unavailable', 'server-error'],
  ])('%i %s is %s (%s)', (status, given, word, code) => {
    expect(meaning(thrown(status, given))).toMatchObject({ word, code, details: { status } });
  });

  it('takes fractions of a second, and the request id for the support desk', () => {
    const error = meaning(thrown(429, 'TooManyRequests', { 'retry-after': '2.128', 'request-id': 'a1-b2' }));
    expect(error.details).toMatchObject({
      until: new Date(now.getTime() + 2128),
      requestId: 'a1-b2',
      scope: 'account',
    });
    expect(meaning(thrown(500, 'x', { 'request-id': 'not an id' })).details.requestId).toBeUndefined();
  });

  it('a write without an answer may have happened, a read changed nothing', () => {
    for (const error of [thrown(-1, 'TypeError'), thrown(503, null)]) {
      expect(meaning(error, true).details.outcomeUnknown).toBe(true);
      expect(meaning(error, false).details.outcomeUnknown).toBe(false);
    }
    expect(meaning(thrown(-1, 'TypeError'))).toMatchObject({ word: 'unavailable', code: 'network' });
    expect(meaning(thrown(-1, 'AbortError'), true, true)).toMatchObject({ word: 'unavailable', code: 'timeout' });
  });

  it('never fails on an answer, whatever it is, and takes nothing of its text along', () => {
    fc.assert(fc.property(fc.anything(), (data) => expect(meaning(data).name).toBe('ProviderError')));
    const error = meaning(thrown(500, 'raw-secret'));
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain('raw-secret');
  });
});
