import { describe, expect, it } from '@jest/globals';
import { restSentences } from './rest-sentences.js';

const now = new Date('2026-11-24T18:00:00Z');
const until = new Date('2026-11-24T18:00:15Z');
const none = { count: 0, until: null };

describe('P10 P14 ops reads what rests, until when and why', () => {
  it.each([
    ['unavailable', 'Google Meet rests until 18:00:15 UTC: most of its calls failed. It goes on by itself.'],
    [
      'limited',
      'Google Meet rests until 18:00:15 UTC: it told many accounts at once to ask less. It goes on by itself.',
    ],
    [null, 'Google Meet rests until 18:00:15 UTC: it told us to wait. It goes on by itself.'],
  ])('a provider that rests: %s', (why, sentence) =>
    expect(restSentences({ queues: [{ queue: 'google-meet', until, probes: 3, why }], lanes: none }, now)).toEqual([
      sentence,
    ]),
  );

  it('a provider that comes back', () =>
    expect(
      restSentences(
        { queues: [{ queue: 'microsoft-teams', until: now, probes: 3, why: 'unavailable' }], lanes: none },
        now,
      ),
    ).toEqual(['Microsoft Teams comes back from a rest: a few meetings are tried first.']));

  it('counts accounts, and names none', () =>
    expect(restSentences({ queues: [], lanes: { count: 2, until } }, now)).toEqual([
      'Accounts that rest since their provider told them to ask less: 2, the last one until 18:00:15 UTC. The others go on.',
    ]));

  it('says nothing where nothing rests', () => expect(restSentences({ queues: [], lanes: none }, now)).toEqual([]));
});
