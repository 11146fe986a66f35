import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isMeetingHost } from './meeting-host.js';

const HOSTS = ['meet.google.com', '*.teams.microsoft.com', 'teams.example:8443', 'http://127.0.0.1:4000'];

describe('P8 a meeting URL is on a host of the providers, or nobody is sent there', () => {
  it.each([
    'https://meet.google.com/abc',
    'https://MEET.google.com/abc',
    'https://meet.google.com:443/abc',
    'https://eu.teams.microsoft.com/l/x',
    'https://teams.example:8443/x',
    'http://127.0.0.1:4000/meet/x',
  ])('takes %s', (url) => expect(isMeetingHost(url, HOSTS)).toBe(true));

  it.each([
    '',
    'meet.google.com/abc',
    'http://meet.google.com/abc',
    'javascript:alert(1)//meet.google.com',
    'data:text/html,https://meet.google.com',
    'https://meet.google.com.evil.example/abc',
    'https://evilmeet.google.com/abc',
    'https://evil.example/?https://meet.google.com',
    'https://evil.example#meet.google.com',
    'https://meet.google.com@evil.example/',
    'https://user:pass@meet.google.com/abc',
    'https://evil.example\\@meet.google.com/',
    'https://meet.google.com\u3002evil.example/',
    'https://teams.microsoft.com/x',
    'https://evilteams.microsoft.com/x',
    'https://teams.example/x',
    'https://127.0.0.1:4000/x',
    'http://127.0.0.1:4001/x',
    'http://127.0.0.1:4000@evil.example/',
    'https://meet.google.com:8443/abc',
    '  https://meet.google.com/abc',
    'https://meet.google.com/abc ',
    'https://meet.google.com/a bc',
    'https://meet.google.com\\@evil.example/x',
    'https:\\\\meet.google.com/x',
    'https://meet.google.com/x\r\nSet-Cookie: a=b',
    'https://meet.goo\tgle.com/x',
    'https://meet.google.com/\u0000',
    'https://meet.google.com/\u00a0',
    'https://meet.google.com/\u202e',
    '\ufeffhttps://meet.google.com/abc',
    'https:meet.google.com/abc',
    'https:////meet.google.com/abc',
    'https://@meet.google.com/abc',
    'https://meet%2Egoogle.com/abc',
    'https://meet.google.com/\u00e9',
  ])('refuses %s', (url) => expect(isMeetingHost(url, HOSTS)).toBe(false));

  it('whatever it takes is sent as it stands: one line, to the host that was checked', () => {
    const near = fc.constantFrom(
      'https:',
      '/',
      '//',
      '\\',
      ' ',
      '\r\n',
      '\t',
      '@',
      '#',
      '?',
      ':',
      'meet.google.com',
      'evil.example',
    );
    const texts = fc.array(fc.oneof(near, fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 6 });
    const urls = fc.oneof(
      texts.map((parts) => parts.join('')),
      texts.map((parts) => `https://meet.google.com${parts.join('')}`),
      texts.map((parts) => `${parts.join('')}https://meet.google.com/x`),
    );
    let taken = 0;
    fc.assert(
      fc.property(urls, (url) => {
        if (!isMeetingHost(url, ['meet.google.com'])) return;
        taken += 1;
        expect(new URL(url, 'https://app.example/j').hostname).toBe('meet.google.com');
        expect(url).toMatch(/^[^\s\\]+$/u);
        // RFC 3986 reads it as the browser's parser does.
        expect(url).toMatch(/^https:\/\/meet\.google\.com(:443)?([/?#]|$)/iu);
      }),
      { numRuns: 2_000 },
    );
    expect(taken).toBeGreaterThan(0);
  });

  it('takes nothing where nothing is allowed', () =>
    expect(isMeetingHost('https://meet.google.com/a', [])).toBe(false));
});
