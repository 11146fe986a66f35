import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Redis } from 'ioredis';
import type { ChildProduct } from '../../support/processes.js';
import type { CanaryKind } from './canaries.js';
import type { Driven } from './drive.js';
import type { LeakWorld } from './leak-world.js';

export interface Store {
  readonly name: string;
  readonly data: Buffer;
  /** What may stand here, each with the reason. */
  readonly permitted?: Partial<Record<CanaryKind, string>>;
}

/** Every place that keeps or shows something, read as who has got hold of it would read it. */
export async function readStores(world: LeakWorld, driven: Driven): Promise<Store[]> {
  const { db, product } = world;
  await db.query('checkpoint');
  const redis = new Redis(world.redis.url);
  try {
    const live = await liveRedis(redis);
    await redis.save();
    const data = await world.dataFolder();
    const wal = join(data, 'pg_wal');
    const dashboards = await seen(world);
    return [
      { name: 'Postgres: every row of every table, as a dump has it', data: await dump(world) },
      { name: 'Postgres: data directory', data: files(data, (path) => !path.startsWith(wal)) },
      { name: 'Postgres: write-ahead log', data: files(wal) },
      { name: 'Postgres: log of all statements with their values', data: Buffer.concat(world.postgresLog) },
      { name: 'Redis: dump, without compression', data: files(world.folder('redis'), (path) => path.endsWith('.rdb')) },
      { name: 'Redis: append-only file', data: files(world.folder('redis'), (path) => !path.endsWith('/dump.rdb')) },
      { name: 'Redis: MONITOR, every command of the run', data: Buffer.from(world.monitored, 'latin1') },
      { name: 'queues: the fields of every job', data: live.jobs },
      { name: 'Redis: every other key', data: live.rest },
      { name: 'API: log at debug', data: Buffer.from(world.api.output) },
      { name: 'worker: log at debug', data: Buffer.from(world.worker.output) },
      { name: 'API: /metrics', data: await got(`http://127.0.0.1:${world.metrics.api}/metrics`) },
      { name: 'worker: /metrics', data: await got(`http://127.0.0.1:${world.metrics.worker}/metrics`) },
      ...dashboards,
      {
        name: 'bodies of all refusals (400 and above)',
        data: Buffer.from(world.tap.refusals.join('\n')),
        permitted: { teacher: 'the head of a page names its reader, who is signed in' },
      },
      {
        name: 'pages and answers for staff and strangers',
        data: Buffer.from(driven.staffPages.join('\n')),
        permitted: {
          teacher: 'who teaches, is told to the school (R7)',
          account: 'whose account is used, is told to colleagues (R7)',
        },
      },
      { name: 'API: environment and command line', data: processOf(world.api) },
      { name: 'worker: environment and command line', data: processOf(world.worker) },
      { name: 'our webhooks, as received', data: Buffer.from(world.webhooks.join('\n')) },
      { name: 'ledger of erasures, checkpoints of the audit', data: files(world.folder('ledger')) },
      { name: 'temporary files of the processes', data: files(world.folder('tmp')) },
      {
        name: 'what Google and Microsoft are asked',
        data: Buffer.from(world.tap.asked.join('\n')),
        permitted: {
          meeting: 'it is the provider’s own',
          account: 'the hint of whom to sign in names the account to its provider',
          transaction: 'state, nonce and challenge are made for the provider’s sign-in page',
        },
      },
      {
        name: 'mails, as received',
        data: Buffer.from(
          product.sandbox.mailbox.messages
            .map((mail) =>
              [mail.subject, mail.text, mail.html, ...mail.attachments.map(({ content }) => content)].join('\n'),
            )
            .join('\n'),
        ),
        permitted: {
          parent: 'a mail names its reader',
          child: 'a mail to a parent names the own child',
          teacher: 'a mail says with whom',
          account: 'the digest to colleagues says whose account is used (R7)',
          join: 'a mail is the one place of the own join link',
        },
      },
    ];
  } finally {
    redis.disconnect();
  }
}

/** All rows as text: a pg_dump of the server's own version is not on every machine, and has the same in it. */
async function dump({ db }: LeakWorld): Promise<Buffer> {
  const tables = await db.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname <> 'information_schema' order by 1`,
  );
  let text = '';
  for (const { name } of tables) {
    // The server's own settings and statistics, and how columns are spread: all of it is part of a dump or of what is seen.
    const rows = await db.query<{ row: string }>(`select t::text as row from ${name} t`).catch(() => []);
    text += `${name}\n${rows.map(({ row }) => row).join('\n')}\n`;
  }
  return Buffer.from(text);
}

/** All files below a folder, one after the other. */
export function files(folder: string, isWanted: (path: string) => boolean = () => true): Buffer {
  const parts: Buffer[] = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat || !isWanted(path)) continue;
    if (stat.isDirectory()) parts.push(files(path, isWanted));
    else if (stat.isFile()) parts.push(Buffer.from(`\n${relative(folder, path)}\n`), readFileSync(path));
  }
  return Buffer.concat(parts);
}

/** Every value as the commands of its type give it. */
async function liveRedis(redis: Redis): Promise<{ jobs: Buffer; rest: Buffer }> {
  const [jobs, rest]: [Buffer[], Buffer[]] = [[], []];
  for await (const keys of redis.scanStream() as AsyncIterable<string[]>)
    for (const key of keys) {
      const type = await redis.type(key);
      const value =
        type === 'hash'
          ? await redis
              .hgetallBuffer(key)
              .then((hash) => Object.entries(hash).flatMap(([name, one]) => [Buffer.from(name), one]))
          : [(await redis.dumpBuffer(key)) ?? Buffer.alloc(0)];
      (type === 'hash' ? jobs : rest).push(Buffer.from(`\n${key}\n`), ...value);
    }
  return { jobs: Buffer.concat(jobs), rest: Buffer.concat(rest) };
}

const got = async (url: string): Promise<Buffer> => Buffer.from(await (await fetch(url)).arrayBuffer());

/** What ops look at. */
async function seen({ product }: LeakWorld): Promise<Store[]> {
  const headers = { authorization: `Bearer ${await product.bearer('ops', null)}`, accept: 'text/html' };
  const read = async (path: string) => {
    const answer = await fetch(product.appUrl + path, { headers });
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}.`);
    return answer.text();
  };
  const lists = [
    '',
    '?status=failed&jobsPerPage=200',
    '?status=completed&jobsPerPage=200',
    '?status=delayed&jobsPerPage=200',
  ];
  const queues = await Promise.all(lists.map((query) => read(`/ops/queues/api/queues${query}`)));
  const names = (JSON.parse(queues[0]!) as { queues: { name: string }[] }).queues.map(({ name }) => name);
  const each = await Promise.all(
    names.flatMap((name) =>
      ['completed', 'failed', 'delayed'].map((status) =>
        read(`/ops/queues/api/queues?activeQueue=${name}&status=${status}&page=1&jobsPerPage=100`),
      ),
    ),
  );
  return [
    { name: '/ops', data: Buffer.from(await read('/ops')) },
    {
      name: 'queue dashboard: page and its data',
      data: Buffer.from([await read('/ops/queues'), ...queues, ...each].join('\n')),
    },
  ];
}

const processOf = ({ pid }: ChildProduct): Buffer =>
  Buffer.concat(['environ', 'cmdline'].map((name) => readFileSync(`/proc/${pid}/${name}`)));
