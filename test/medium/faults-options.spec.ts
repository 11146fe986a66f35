import { describe, expect, it } from '@jest/globals';
import { OPTIONS, USE } from '../faults/options.js';
import { partsOf, readOptions } from '../support/command-options.js';

const read = (...args: string[]) => readOptions(USE, args, OPTIONS);

describe('the options of the fault histories', () => {
  it('are read', () => {
    expect(read('--histories', '3', '--seed=7', '--real')).toEqual({
      histories: 3,
      seed: 7,
      real: true,
      backend: 'redis',
      trace: false,
      shrink: false,
      'every-step': null,
      scenario: null,
      database: null,
      'stop-at-first': false,
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
    [['--scenario', 'nobody'], '--scenario must be'],
    [['--real=1'], '--real'],
    [['--frobnicate'], '--frobnicate'],
    [['words'], 'words'],
  ])('a run that would try nothing is refused in plain words: %s', (args, what) => {
    expect(() => read(...args)).toThrow(what);
    expect(() => read(...args)).toThrow('npm run faults');
  });

  it('parts of names choose what a proof runs, and one that chooses nothing is refused', () => {
    const only = (...args: string[]) =>
      readOptions('npm run x', args, { only: partsOf(['redis-away', 'disk-full']) }).only;
    expect(only()).toEqual([]);
    expect(only('--only', 'redis,full')).toEqual(['redis', 'full']);
    for (const typed of ['nobody', 'redis,nobody', '', ','])
      expect(() => only(`--only=${typed}`)).toThrow('--only must be parts of: redis-away; disk-full');
  });
});
