import { existsSync } from 'node:fs';
import { StartupError } from '#libs/platform';
import { makeKeys } from './make-keys.js';
import { readArgs } from './read-args.js';
import { addKey, adoptKeys, retireKey, rotateKeys } from './rotate.js';

/** `conferences keys`: makes the keys of an installation, or cares for the wrapping keys of one. @returns the exit code */
export function keys(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const [word, ...rest] = args;
  if (word === undefined || word.startsWith('-')) return make(args);
  if (word === 'retire') return retireKey(env, readArgs('keys retire', rest, { words: 1 }).words[0] ?? '');
  const run = new Map([
    ['rotate', rotateKeys],
    ['add', addKey],
    ['adopt', adoptKeys],
  ]).get(word);
  if (!run) throw new StartupError([`keys knows rotate, add, retire and adopt, and no "${word}". No key was made.`]);
  readArgs(`keys ${word}`, rest);
  return run(env);
}

async function make(args: readonly string[]): Promise<number> {
  const path = readArgs('keys', args, { values: ['key-ring'] }).options.get('key-ring') ?? './key-ring.json';
  const isKept = existsSync(path);
  for (const [name, value] of Object.entries(makeKeys(path))) process.stdout.write(`${name}=${value}\n`);
  // Not on standard output: that goes into a file of settings.
  if (isKept)
    process.stderr.write(
      `The key ring ${path} was there and is kept. COOKIE_KEYS and SIGNING_KEY above are new ones: where others are in use, keep those.\n`,
    );
  return 0;
}
