import { describe, expect, it } from '@jest/globals';
import { eventOf, nextRequestId, seenOf } from './google-event.js';
import { Secret } from '#libs/encryption';
import type { MeetingWish } from '../meeting-provider.js';

const wish: MeetingWish = {
  key: 'k'.repeat(32),
  place: null,
  id: null,
  start: new Date('2026-11-24T18:10:00Z'),
  end: new Date('2026-11-24T18:20:00Z'),
  timeZone: 'Europe/Amsterdam',
  title: 'Parent meeting',
};
const times = { start: { dateTime: '2026-11-24T19:10:00+01:00' }, end: { dateTime: '2026-11-24T19:20:00+01:00' } };

describe('R8 Google learns nothing about parents or children', () => {
  it('an event has a neutral title, times, and no guest, description, place or note of ours', () => {
    const event = eventOf(wish);
    expect(Object.keys(event).toSorted()).toEqual([
      'conferenceData',
      'end',
      'guestsCanInviteOthers',
      'guestsCanModify',
      'guestsCanSeeOtherGuests',
      'id',
      'reminders',
      'start',
      'summary',
      'visibility',
    ]);
    expect(event).toMatchObject({ id: wish.key, summary: 'Parent meeting', visibility: 'private' });
    expect(event.reminders).toEqual({ useDefault: false, overrides: [] });
  });
});

describe('R1 the Meet URL is read back', () => {
  const video = [
    { entryPointType: 'phone', uri: 'tel:+31' },
    { entryPointType: 'video', uri: 'https://meet.google.com/abc' },
  ];
  it.each([
    ['ready', { conferenceData: { entryPoints: video } }, 'https://meet.google.com/abc'],
    ['ready', { hangoutLink: 'https://meet.google.com/xyz' }, 'https://meet.google.com/xyz'],
    ['pending', { conferenceData: { createRequest: { status: { statusCode: 'pending' } } } }, undefined],
    ['failed', { conferenceData: { createRequest: { status: { statusCode: 'failure' } } } }, undefined],
    ['failed', {}, undefined],
  ])('%s', (conference, more, url) => {
    const seen = seenOf({ id: 'e1', ...times, ...more });
    expect(seen).toMatchObject({ conference, start: wish.start, end: wish.end });
    expect(seen?.url?.reveal()).toBe(url);
    expect(seen?.id).toBeInstanceOf(Secret);
  });

  it.each([{}, { id: 'e1' }, { ...times }, { id: 'e1', ...times, end: { dateTime: 'never' } }])(
    'an answer without id or times is no event',
    (event) => expect(seenOf(event)).toBeNull(),
  );

  it('asks anew under an id that follows from the event as it was seen', () => {
    const a = nextRequestId(wish, { etag: '"1"' });
    expect(a).toBe(nextRequestId(wish, { etag: '"1"' }));
    expect(a).not.toBe(nextRequestId(wish, { etag: '"2"' }));
    expect(a).not.toBe(wish.key);
  });
});
