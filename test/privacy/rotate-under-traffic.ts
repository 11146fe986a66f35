import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Database, keysWrapped } from '#libs/database';
import { KeyRing } from '#libs/encryption';
import { KeyTraffic, READERS, SCHOOLS } from './key-traffic.js';

const LOOK_MS = 40;

export interface RotationRun {
  readonly rows: number;
  readonly kills: number;
  readonly reads: number;
  readonly failedReads: number;
  readonly writes: number;
  readonly failedWrites: number;
  /** Data keys that are not under the new wrapping key at the end. */
  readonly left: number;
  /** Rows that do not open at the end, with the old wrapping key gone. */
  readonly unreadable: number;
  readonly seconds: number;
}

/**
 * Rotates wrapping keys by the real command, in processes that are killed (SIGKILL) again and again, while others open
 * sealed values and make new people; then retires the old key while they go on, and opens every row.
 * Real: Postgres, the ring's file, the command, the signals.
 * @param cli the command's main file; the product must be built
 */
export async function rotateUnderTraffic(options: {
  databaseUrl: string;
  cli?: string;
  rows: number;
  kills: number;
  say?: (line: string) => void;
}): Promise<RotationRun> {
  const { databaseUrl, rows: total, kills, say = () => undefined } = options;
  const home = mkdtempSync(join(tmpdir(), 'rotation-'));
  const keyRing = `file:${join(home, 'ring.json')}`;
  KeyRing.writeNew(join(home, 'ring.json'));
  const settings = { keyRing, databaseUrl };
  const database = await Database.connect(databaseUrl, READERS + 2);
  const command = (...args: string[]) => runCommand(options.cli ?? CLI, settings, args);
  const traffic = new KeyTraffic(database, settings);
  try {
    await traffic.fill(total);
    say(`${total} rows of ${SCHOOLS.length} schools are sealed.`);
    const began = performance.now();
    await traffic.start();
    const struck = await killAgainAndAgain(database, () => command('keys', 'rotate'), { total, kills, say });
    await command('keys', 'rotate').ended.then(expectZero);
    const rotated = (performance.now() - began) / 1_000;
    // What was made under the old key by who had not looked yet is taken along by one more run.
    await retire(command);
    say('The old wrapping key is gone from the ring.');
    await traffic.stop();
    const active = KeyRing.fromSetting(keyRing).activeKid();
    const left = [...(await keysWrapped(database))].reduce((sum, [kid, n]) => sum + (kid === active ? 0 : n), 0);
    const unreadable = await traffic.openAll();
    return { rows: total, kills: struck, ...traffic.counts, left, unreadable, seconds: rotated };
  } finally {
    await traffic.stop();
    await database.close();
    rmSync(home, { recursive: true });
  }
}

const CLI = fileURLToPath(new URL('../../apps/cli/src/main.js', import.meta.url));

interface Command {
  readonly ended: Promise<number | null>;
  kill(): void;
}

function runCommand(
  cli: string,
  { keyRing, databaseUrl }: { keyRing: string; databaseUrl: string },
  args: string[],
): Command {
  const child = spawn(process.execPath, [cli, ...args], {
    env: { PATH: process.env['PATH'] ?? '', KEY_RING: keyRing, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)));
  return { ended, kill: () => void child.kill('SIGKILL') };
}

function expectZero(code: number | null): void {
  if (code !== 0) throw new Error(`The command ended with ${code}.`);
}

/** Each run of the command is killed when another share of the rows is done. @returns how many were killed at work */
async function killAgainAndAgain(
  database: Database,
  rotate: () => Command,
  { total, kills, say }: { total: number; kills: number; say: (line: string) => void },
): Promise<number> {
  let struck = 0;
  while (struck < kills) {
    const running = rotate();
    let isOver = false;
    void running.ended.then(() => (isOver = true));
    const until = (total * (struck + 1)) / (kills + 1);
    while (!isOver && (await doneOf(database)) < until) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    if (isOver) throw new Error('It was through before it was killed often enough: take more rows or fewer kills.');
    running.kill();
    await running.ended;
    struck += 1;
    say(`killed ${struck} of ${kills}, after ${await doneOf(database)} rows`);
  }
  return struck;
}

const doneOf = async (database: Database) => (await keysWrapped(database)).get('w2') ?? 0;

/** Refused for as long as anything needs the old key. */
async function retire(command: (...args: string[]) => Command): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    if ((await command('keys', 'retire', 'w1').ended) === 0) return;
    expectZero(await command('keys', 'rotate').ended);
  }
  throw new Error('The old wrapping key is needed for ever.');
}
