import { describe, expect, it } from '@jest/globals';
import { StartupError } from '#libs/platform';
import { readArgs } from './read-args.js';

describe('P16 no argument is passed over', () => {
  const known = { values: ['key-ring'], flags: ['example'], words: 1 };
  const read = (...args: string[]) => readArgs('keys', args, known);

  it('takes both forms of a value, flags and words in any order', () => {
    expect(read('--key-ring', './x.json').options.get('key-ring')).toBe('./x.json');
    expect(read('--key-ring=./x.json').options.get('key-ring')).toBe('./x.json');
    const { options, words } = read('--example', 'w1');
    expect([options.has('example'), words]).toEqual([true, ['w1']]);
  });

  it.each([
    [['--keyring', './x.json'], '--keyring is no option'],
    [['--key-ring'], '--key-ring needs a value'],
    [['--key-ring='], '--key-ring needs a value'],
    [['--key-ring', '--example'], '--key-ring needs a value'],
    [['--key-ring=a', '--key-ring=b'], '--key-ring is given twice'],
    [['--example=x'], '--example is no option of it, or takes no value'],
    [['-x'], '-x is no option'],
    [['w1', 'w2'], '"w2" is one word too many'],
  ])('%j', (args, says) => {
    expect(() => read(...args)).toThrow(StartupError);
    expect(() => read(...args)).toThrow(says);
    expect(() => read(...args)).toThrow('Known: --key-ring VALUE, --example, --help');
  });
});
