import { describe, expect, it } from '@jest/globals';
import { googleIdentity } from './google-identity.js';
import { MICROSOFT_SCOPE, microsoftIdentity } from './microsoft-identity.js';

const CALENDAR = 'https://www.googleapis.com/auth/calendar.app.created';

describe('R3 the granted scope is what we asked for', () => {
  it.each([
    [`openid ${CALENDAR} https://www.googleapis.com/auth/userinfo.email`, true],
    [CALENDAR, true],
    ['openid email', false],
    ['', false],
    [`${CALENDAR}.readonly`, false],
  ])('Google: %s', (granted, expected) =>
    expect(googleIdentity.isGranted(`openid email ${CALENDAR}`, granted)).toBe(expected),
  );

  it.each([
    ['openid profile email https://graph.microsoft.com/OnlineMeetings.ReadWrite', true],
    ['OnlineMeetings.ReadWrite', true],
    ['onlinemeetings.readwrite User.Read', true],
    ['OnlineMeetings.Read', false],
    ['OnlineMeetings.ReadWrite.All', false],
    ['', false],
  ])('Microsoft: %s', (granted, expected) =>
    expect(microsoftIdentity.isGranted(MICROSOFT_SCOPE, granted)).toBe(expected),
  );

  it('asks Google for nothing beyond', () => {
    expect(Object.keys(googleIdentity.authorizeParameters)).not.toContain('include_granted_scopes');
  });
});

describe('R1 R2 whose account it is', () => {
  const google = { sub: '11', email: 'anne@regenboog.example', email_verified: true, hd: 'Regenboog.example' };
  const microsoft = { tid: 't-1', oid: 'o-1', preferred_username: 'anne@Regenboog.example', email: 'x@other.example' };

  it('Google: the verified address', () => {
    expect(googleIdentity.accountOf(google)).toEqual({
      subject: '11',
      email: google.email,
      domain: 'Regenboog.example',
    });
    expect(googleIdentity.domainsOf({ ...google, email: 'a@second.example' })).toEqual([
      'regenboog.example',
      'second.example',
    ]);
    for (const claims of [
      { ...google, email_verified: false },
      { ...google, email_verified: 'true' },
      { sub: '1' },
      {},
    ]) {
      expect(() => googleIdentity.accountOf(claims)).toThrow(expect.objectContaining({ reason: 'email-not-verified' }));
    }
  });

  it('Microsoft: the sign-in name, since any tenant can set the address', () => {
    expect(microsoftIdentity.accountOf(microsoft)).toEqual({
      subject: 't-1.o-1',
      email: 'anne@Regenboog.example',
      domain: 'regenboog.example',
    });
    expect(microsoftIdentity.domainsOf(microsoft)).toEqual(['regenboog.example']);
    expect(microsoftIdentity.accountOf({ ...microsoft, preferred_username: '+31' }).email).toBe('x@other.example');
    expect(microsoftIdentity.domainsOf({ ...microsoft, preferred_username: '+31' })).toEqual([]);
  });

  it('Microsoft: no personal accounts', () => {
    const personal = { ...microsoft, tid: '9188040d-6c67-4c5b-b112-36a304b66dad' };
    expect(() => microsoftIdentity.accountOf(personal)).toThrow(
      expect.objectContaining({ reason: 'personal-account' }),
    );
    expect(() => microsoftIdentity.accountOf({ ...personal, tid: personal.tid.toUpperCase() })).toThrow(
      expect.objectContaining({ reason: 'personal-account' }),
    );
    expect(() => microsoftIdentity.accountOf({})).toThrow(expect.objectContaining({ reason: 'unavailable' }));
  });
});

describe('R4 a token is believed from one issuer only', () => {
  const template = 'https://login.microsoftonline.com/{tenantid}/v2.0';
  it.each([
    [{ tid: 'abc-1' }, 'https://login.microsoftonline.com/abc-1/v2.0'],
    [{}, null],
    [{ tid: '' }, null],
    [{ tid: 7 }, null],
    [{ tid: 'a/../b' }, null],
    [{ tid: '{tenantid}' }, null],
    [{ tid: '$&' }, null],
  ])('Microsoft: %j', (claims, issuer) => expect(microsoftIdentity.issuerFor(template, claims)).toBe(issuer));

  it('Microsoft: a metadata issuer of one tenant stands', () =>
    expect(microsoftIdentity.issuerFor('https://x.example/t/v2.0', { tid: 'other' })).toBe('https://x.example/t/v2.0'));

  it('Google: without the scheme only from the real one', () => {
    const iss = 'accounts.google.com';
    expect(googleIdentity.issuerFor('https://accounts.google.com', { iss })).toBe(iss);
    expect(googleIdentity.issuerFor('https://accounts.google.com', { iss: 'evil' })).toBe(
      'https://accounts.google.com',
    );
    expect(googleIdentity.issuerFor('http://127.0.0.1:9', { iss })).toBe('http://127.0.0.1:9');
  });
});
