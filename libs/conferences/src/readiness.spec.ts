import { describe, expect, it } from '@jest/globals';
import { checkpointOf, lightOf } from './readiness.js';

const counts = (change: Partial<Parameters<typeof lightOf>[0]>) => ({
  total: 3,
  ready: 3,
  needsOwner: 0,
  failed: 0,
  working: 0,
  ...change,
});

describe('P15 readiness of an evening', () => {
  it.each([
    [10_081, null],
    [10_080, '7 days'],
    [1_441, '7 days'],
    [1_440, '24 hours'],
    [120, '2 hours'],
    [15, '15 minutes'],
    [0, '15 minutes'],
  ])('%s minutes ahead the last checkpoint is %s', (minutes, name) => {
    expect(checkpointOf(minutes)).toBe(name);
  });

  it.each([
    ['all ready', counts({}), 1, 'green'],
    ['nothing wanted', counts({ total: 0, ready: 0 }), 1, 'green'],
    ['an owner is missing, days ahead', counts({ ready: 2, needsOwner: 1 }), 2_000, 'amber'],
    ['an owner is missing, hours ahead', counts({ ready: 2, needsOwner: 1 }), 1_440, 'red'],
    ['one failed, hours ahead', counts({ ready: 2, failed: 1 }), 60, 'red'],
    ['still working, hours ahead', counts({ ready: 2, working: 1 }), 60, 'amber'],
    ['still working at the door', counts({ ready: 2, working: 1 }), 15, 'red'],
  ] as const)('%s', (_what, given, minutes, light) => {
    expect(lightOf(given, minutes)).toBe(light);
  });
});
