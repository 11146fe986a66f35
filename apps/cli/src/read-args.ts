import { parseArgs } from 'node:util';
import { WrongArguments } from './wrong-arguments.js';

/** What a command takes. Names of options without their dashes. */
interface Known {
  /** Options with a value (`--name VALUE` and `--name=VALUE`). */
  readonly values?: readonly string[];
  /** Options without one. */
  readonly flags?: readonly string[];
  /** How many words that are no options; default none. */
  readonly words?: number;
}

/**
 * Takes the arguments of a command apart. Nothing is passed over: a mistyped option would do something else than was meant.
 * @throws WrongArguments naming what the command does not know, and what it knows
 */
export function readArgs(
  command: string,
  args: readonly string[],
  known: Known = {},
): { options: ReadonlyMap<string, string>; words: readonly string[] } {
  const { values = [], flags = [], words: most = 0 } = known;
  const all = [...values.map((name) => `--${name} VALUE`), ...flags.map((name) => `--${name}`), '--help'];
  const refuse = (what: string) =>
    new WrongArguments([`${command}: ${what} Known: ${all.join(', ')}. Nothing was done.`]);
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(values.map((name) => [name, { type: 'string' as const }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options = new Map<string, string>();
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      words.push(token.value);
      if (words.length > most) throw refuse(`"${token.value}" is one word too many.`);
    } else if (token.kind === 'option') {
      const { name, rawName, value, inlineValue } = token;
      if (values.includes(name)) {
        if (!value || (!inlineValue && value.startsWith('-'))) throw refuse(`${rawName} needs a value.`);
      } else if (!flags.includes(name) || value !== undefined) {
        throw refuse(`${rawName} is no option of it, or takes no value.`);
      }
      if (options.has(name)) throw refuse(`${rawName} is given twice.`);
      options.set(name, value ?? '');
    }
  }
  return { options, words };
}
