import { describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { googleAnswer } from './google-answer.js';
import { googleMeaning } from './google-meaning.js';

const now = new Date('2026-11-24T18:00:00Z');
const thrown = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  Object.assign(new Error('raw-secret'), { response: { status, data: body, headers: new Headers(headers) } });
const body = (reason: string, location?: string) => ({ error: { errors: [{ reason, location, message: 'text' }] } });
const meaning = (error: unknown, write = true, aborted = false) =>
  googleMeaning(googleAnswer(error), { write, now, aborted });

describe('P10 what Google says, in our words', () => {
  it.each([
    [400, 'invalid', 'refused', 'bad-request'],
    [400, 'badRequest', 'refused', 'bad-request'],
    [400, 'required', 'refused', 'bad-request'],
    [400, 'timeRangeEmpty', 'refused', 'bad-request'],
    [401, 'authError', 'login-required', 'token-rejected'],
    [403, 'userRateLimitExceeded', 'rate-limited', 'rate-limit'],
    [403, 'rateLimitExceeded', 'rate-limited', 'rate-limit'],
    [403, 'quotaExceeded', 'rate-limited', 'account-quota'],
    [403, 'dailyLimitExceeded', 'rate-limited', 'account-quota'],
    [429, 'quotaExceeded', 'rate-limited', 'account-quota'],
    [403, 'forbiddenForNonOrganizer', 'refused', 'bad-request'],
    [403, 'insufficientPermissions', 'login-required', 'scope-missing'],
    [403, 'accessNotConfigured', 'refused', 'configuration'],
    [403, 'SERVICE_DISABLED', 'refused', 'configuration'],
    [403, 'forbidden', 'refused', 'blocked-by-admin'],
    [403, 'somethingNew', 'unavailable', 'unknown-answer'],
    [404, 'notFound', 'not-found', 'not-found'],
    [409, 'duplicate', 'unavailable', 'unknown-answer'],
    [410, 'deleted', 'not-found', 'not-found'],
    [412, 'conditionNotMet', 'unavailable', 'unknown-answer'],
    [418, 'teapot', 'unavailable', 'unknown-answer'],
    [429, 'rateLimitExceeded', 'rate-limited', 'rate-limit'],
    [429, 'anything', 'rate-limited', 'rate-limit'],
    [500, 'backendError', 'unavailable', 'server-error'],
    [502, 'x', 'unavailable', 'server-error'],
    [503, 'backendError', 'unavailable', 'server-error'],
    [504, 'x', 'unavailable', 'server-error'],
    [408, 'x', 'unavailable', 'timeout'],
    [302, 'x', 'unavailable', 'unknown-answer'],
  ])('%i %s is %s (%s)', (status, reason, word, code) => {
    expect(meaning(thrown(status, body(reason)))).toMatchObject({ word, code, details: { status } });
  });

  it('reads the newer form of a reason', () => {
    const error = { details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }] };
    expect(meaning(thrown(403, { error }))).toMatchObject({ word: 'login-required', code: 'scope-missing' });
  });

  it('an account without Meet is told by what the refusal is about, never by its text', () => {
    expect(meaning(thrown(400, body('invalid', 'conferenceData.createRequest')))).toMatchObject({
      word: 'refused',
      code: 'no-conferences',
    });
    const text = { error: { errors: [{ reason: 'invalid', message: 'Invalid conference type value.' }] } };
    expect(meaning(thrown(400, text))).toMatchObject({ word: 'refused', code: 'bad-request' });
  });

  it('waits as long as Google says, an hour for a quota, else a while', () => {
    const until = (error: unknown) => meaning(error).details.until?.toISOString();
    expect(until(thrown(429, body('x'), { 'retry-after': '9' }))).toBe('2026-11-24T18:00:09.000Z');
    expect(until(thrown(429, body('x')))).toBe('2026-11-24T18:00:15.000Z');
    expect(until(thrown(403, body('quotaExceeded')))).toBe('2026-11-24T19:00:00.000Z');
    expect(until(thrown(503, body('x'), { 'retry-after': '60' }))).toBe('2026-11-24T18:01:00.000Z');
    expect(until(thrown(503, body('x')))).toBeUndefined();
  });

  it('a write without an answer may have happened, a read changed nothing', () => {
    for (const error of [new TypeError('fetch failed'), thrown(500, 'html'), thrown(200, '<html>')]) {
      expect(meaning(error, true).details.outcomeUnknown).toBe(true);
      expect(meaning(error, false).details.outcomeUnknown).toBe(false);
    }
    expect(meaning(new Error('x'))).toMatchObject({ word: 'unavailable', code: 'network' });
    expect(meaning(new Error('x'), true, true)).toMatchObject({ word: 'unavailable', code: 'timeout' });
  });

  it('never fails on an answer, whatever it holds, and takes nothing of its text along', () => {
    fc.assert(
      fc.property(fc.anything(), fc.integer({ min: 200, max: 599 }), (data, status) => {
        expect(meaning(thrown(status, data)).name).toBe('ProviderError');
        expect(meaning(data).name).toBe('ProviderError');
      }),
    );
    const error = meaning(thrown(500, { error: { message: 'raw-secret', errors: [{ reason: 'raw-secret' }] } }));
    expect(inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)).not.toContain('raw-secret');
  });
});
