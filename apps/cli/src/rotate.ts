import {
  Database,
  aloneWithKeys,
  checkKeys,
  homeOf,
  keysWrapped,
  moveHome,
  notedHome,
  retireWrappingKey,
  rewrapDataKeys,
} from '#libs/database';
import { KeyRing, type KeyWrapper } from '#libs/encryption';
import { StartupError, checkedSetting } from '#libs/platform';
import { progressBar } from './evening/progress-bar.js';

const say = (line: string) => process.stdout.write(`${line}\n`);

/** `conferences keys rotate`: ends what was begun, or begins a new one. Killed at any point, the next run goes on. */
export const rotateKeys = (env: NodeJS.ProcessEnv): Promise<number> =>
  withKeys(env, async (database, wrapper, home) => {
    await refuseCopy(database, wrapper, home);
    if (wrapper instanceof KeyRing && wrapper.home() === null) wrapper.bindTo(home);
    if (wrapper instanceof KeyRing && !(await isUnfinished(database, wrapper))) {
      const kid = wrapper.waiting() ?? wrapper.add();
      wrapper.activate(kid);
      say(`The wrapping key is now ${kid}.`);
    }
    const kid = wrapper.activeKid();
    const bar = progressBar(process.stdout, 'keys wrapped anew');
    const done = await rewrapDataKeys(database, wrapper, bar.show);
    bar.end();
    say(`${done} data keys wrapped with ${kid}.`);
    const old = wrapper.kids().filter((other) => other !== kid);
    if (old.length > 0) say(`When nothing needs them any more: conferences keys retire ${old[0]}`);
    return 0;
  });

/** A rotation was broken off: rows are still sealed with another key than the active one. */
async function isUnfinished(database: Database, wrapper: KeyWrapper): Promise<boolean> {
  const kid = wrapper.activeKid();
  return [...(await keysWrapped(database)).keys()].some((by) => by !== kid);
}

/** `conferences keys add`: the new key is there before it is used, so that copies of the file can be brought everywhere first. */
export const addKey = (env: NodeJS.ProcessEnv): Promise<number> =>
  withKeys(env, async (_, wrapper) => {
    const ring = fileOnly(wrapper);
    const waiting = ring.waiting();
    say(
      `${waiting ?? ring.add()} is in the ring and not used yet. Bring the file to every machine, then run: conferences keys rotate`,
    );
    return 0;
  });

/** `conferences keys retire KID`: gone for good, and with it what a stolen backup was sealed with. */
export const retireKey = (env: NodeJS.ProcessEnv, kid: string): Promise<number> =>
  withKeys(env, async (database, wrapper, home) => {
    await refuseCopy(database, wrapper, home);
    if (!wrapper.kids().includes(kid))
      throw new StartupError([`There is no wrapping key "${kid}" in KEY_RING; it has ${wrapper.kids().join(', ')}.`]);
    if (wrapper.activeKid() === kid)
      throw new StartupError([`${kid} is the active wrapping key. Run first: conferences keys rotate`]);
    const left = await retireWrappingKey(database, kid, () => {
      if (wrapper instanceof KeyRing) wrapper.drop(kid);
    });
    if (left.keys > 0 || left.canary) {
      say(
        `${kid} is still needed: ${left.keys} data keys${left.canary ? ' and the canary' : ''} are sealed with it. Run first: conferences keys rotate`,
      );
      return 1;
    }
    if (wrapper instanceof KeyRing) say(`${kid} is gone from the ring. Destroy the copies of the old file, too.`);
    else say(`Nothing needs ${kid} any more. Take it out of KEY_RING, start again, and schedule its deletion in KMS.`);
    return 0;
  });

/**
 * `conferences keys adopt`: this database is the one in use from now on, after a restore, a failover or a move; no other copy
 * of it needs the ring any more.
 */
export const adoptKeys = (env: NodeJS.ProcessEnv): Promise<number> =>
  withKeys(env, async (database, wrapper, home) => {
    const [noted, ring] = [await notedHome(database), wrapper instanceof KeyRing ? wrapper.home() : null];
    await moveHome(database, home);
    if (wrapper instanceof KeyRing) wrapper.bindTo(home);
    for (const former of new Set([noted, ring])) if (former && former !== home) say(`Until now it was ${former}.`);
    say(`The keys belong to ${home}.`);
    say('No other copy of this database may be in use: once a key is retired here, such a copy opens no more.');
    return 0;
  });

/** A copy never needs the keys that the live database may still need. @throws StartupError */
async function refuseCopy(database: Database, wrapper: KeyWrapper, home: string): Promise<void> {
  const noted = await notedHome(database);
  const adopt =
    'Nothing was changed. Where this one has taken the place of the other (restored, moved, failed over), and the other is not in use any more: conferences keys adopt';
  if (noted !== home)
    throw new StartupError([
      noted === null
        ? `This database does not say yet where it lives. Start the product on it once. ${adopt}`
        : `This database is a copy: it lived at ${noted}, and this is ${home}. Keys are replaced and retired where the live database is, or that one could not be read any more. ${adopt}`,
    ]);
  const ring = wrapper instanceof KeyRing ? wrapper.home() : null;
  if (ring !== null && ring !== home)
    throw new StartupError([
      `KEY_RING belongs to ${ring}, and this is ${home}. Keys are replaced and retired there, or that one could not be read any more. ${adopt}`,
    ]);
}

function fileOnly(wrapper: KeyWrapper): KeyRing {
  if (wrapper instanceof KeyRing) return wrapper;
  throw new StartupError(['Keys in KMS are made there. Put the new ARN into KEY_RING: last first, then in front.']);
}

async function withKeys(
  env: NodeJS.ProcessEnv,
  work: (database: Database, wrapper: KeyWrapper, home: string) => Promise<number>,
): Promise<number> {
  const databaseUrl = checkedSetting(env, 'DATABASE_URL');
  const keyRing = checkedSetting(env, 'KEY_RING');
  if (!databaseUrl || !keyRing)
    throw new StartupError([
      `${databaseUrl ? 'KEY_RING' : 'DATABASE_URL'} is missing: the settings of the product are needed.`,
    ]);
  const wrapper = await checkKeys({ keyRing, databaseUrl });
  const database = await Database.connect(databaseUrl, 4);
  try {
    const home = await homeOf(database, databaseUrl);
    const code = await aloneWithKeys(databaseUrl, () => work(database, wrapper, home));
    if (code !== null) return code;
    throw new StartupError(['Somebody else is rotating or retiring keys right now. Wait until that has ended.']);
  } finally {
    await database.close();
  }
}
