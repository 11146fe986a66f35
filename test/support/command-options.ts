import { parseArgs } from 'node:util';

/** How an option is read, and what it is when it is not given. Without `read` it takes no value. */
interface Option<T> {
  readonly usual: T;
  /** @throws TypeError that says what it must be, to follow the option's name */
  readonly read?: (typed: string) => T;
}
type Options = Readonly<Record<string, Option<unknown>>>;
type Read<O extends Options> = { readonly [K in keyof O]: O[K]['usual'] };

const must = (be: string, typed: string) => new TypeError(`must be ${be}, and is "${typed}".`);

export const whole = <T extends number | null>(usual: T, least: number): Option<T | number> => ({
  usual,
  read: (typed) => {
    const value = Number(typed);
    if (/^\d+$/.test(typed) && Number.isSafeInteger(value) && value >= least) return value;
    throw must(`a whole number from ${least} on`, typed);
  },
});

/** A part of one, one included, none not. */
export const share = (usual: number): Option<number> => ({
  usual,
  read: (typed) => {
    const value = Number(typed);
    if (typed.trim() !== '' && value > 0 && value <= 1) return value;
    throw must('above 0 and 1 at most', typed);
  },
});

export const oneOf = <const T extends string, const N extends T | null>(
  words: readonly T[],
  usual: N,
): Option<T | N> => ({
  usual,
  read: (typed) => {
    const word = words.find((known) => known === typed);
    if (word !== undefined) return word;
    throw must(`one of: ${words.join('; ')}`, typed);
  },
});

/** A word of the first, or else what the second takes. */
export const either = <A, B>(first: Option<A>, second: Option<B>): Option<A | B> => ({
  usual: first.usual,
  read: (typed) => {
    try {
      return first.read!(typed);
    } catch (error) {
      try {
        return second.read!(typed);
      } catch (other) {
        throw new TypeError(`${(error as Error).message.split(', and')[0]}, or ${(other as Error).message}`);
      }
    }
  },
});

/** Words, with commas between them, each of which is part of a known name; none: all of them. */
export const partsOf = (names: readonly string[]): Option<readonly string[]> => ({
  usual: [],
  read: (typed) => {
    const words = typed.split(',').filter(Boolean);
    if (words.length > 0 && words.every((word) => names.some((name) => name.includes(word)))) return words;
    throw must(`parts of: ${names.join('; ')}`, typed);
  },
});

export const text: Option<string | null> = { usual: null, read: (typed) => typed };
export const flag: Option<boolean> = { usual: false };

/**
 * Takes the arguments of a proof apart. Nothing is passed over: a run that tried nothing, or something else than was
 * meant, must not look like one that found nothing.
 * @param use the command line that this proof is called by
 * @throws TypeError that says what is wrong, and how the command is used
 */
export function readOptions<O extends Options>(use: string, args: readonly string[], options: O): Read<O> {
  const typed = parsed(use, args, options);
  const read = Object.entries(options).map(([name, option]) => {
    const value = typed[name];
    if (value === undefined) return [name, option.usual];
    try {
      return [name, typeof value === 'string' ? option.read!(value) : value];
    } catch (error) {
      throw new TypeError(`--${name} ${(error as Error).message} Use: ${use}`);
    }
  });
  return Object.fromEntries(read) as Read<O>;
}

function parsed(use: string, args: readonly string[], options: Options): Readonly<Record<string, unknown>> {
  const types = Object.entries(options).map(
    ([name, { read }]) => [name, { type: read ? ('string' as const) : ('boolean' as const) }] as const,
  );
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries(types) }).values;
  } catch (error) {
    throw new TypeError(`${(error as Error).message.split('\n')[0]!.replace(/\.?$/, '.')} Use: ${use}`);
  }
}

/** What this process was called with; it ends here when that is wrong. */
export function commandOptions<O extends Options>(use: string, options: O): Read<O> {
  try {
    return readOptions(use, process.argv.slice(2), options);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  }
}
