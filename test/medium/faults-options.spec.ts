import { describe, expect, it } from '@jest/globals';
import { readOptions } from '../faults/options.js';

describe('the options of the fault histories', () => {
  it('are read', () => {
    expect(readOptions(['--histories', '3', '--seed=7', '--real'])).toMatchObject({
      histories: 3,
      seed: 7,
      real: true,
      backend: 'redis',
      everyStep: null,
    });
  });

  it.each([
    [['--histories', '0'], '--histories must be'],
    [['--histories', 'two'], '--histories must be'],
    [['--histories', '1.5'], '--histories must be'],
    [['--histories', ''], '--histories must be'],
    [['--histories', '-3'], '--histories'],
    [['--seed', 'x'], '--seed must be'],
    [['--every-step', 'x'], '--every-step must be'],
    [['--backend', 'kafka'], '--backend must be'],
    [['--frobnicate'], '--frobnicate'],
    [['words'], 'words'],
  ])('a run that would try nothing is refused in plain words: %s', (args, what) => {
    expect(() => readOptions(args)).toThrow(what);
    expect(() => readOptions(args)).toThrow('npm run faults');
  });
});
