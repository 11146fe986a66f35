import { describe, expect, it } from '@jest/globals';
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
  ])('refuses %s', (url) => expect(isMeetingHost(url, HOSTS)).toBe(false));

  it('takes nothing where nothing is allowed', () =>
    expect(isMeetingHost('https://meet.google.com/a', [])).toBe(false));
});
