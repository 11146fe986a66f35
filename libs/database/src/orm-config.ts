import { defineConfig } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import pg from 'pg';
import { ENTITIES } from './entities/entities.js';
import { postgresConfig } from './postgres-config.js';
import { boundPool } from './bounded-pool.js';
import { PooledClient } from './pooled-client.js';
import { Migration20261122000000 } from './migrations/migration-20261122000000.js';
import { Migration20261122040000 } from './migrations/migration-20261122040000.js';
import { Migration20261122110000 } from './migrations/migration-20261122110000.js';
import { Migration20261122120000 } from './migrations/migration-20261122120000.js';
import { Migration20261122130000 } from './migrations/migration-20261122130000.js';
import { Migration20261122130100 } from './migrations/migration-20261122130100.js';
import { Migration20261122140000 } from './migrations/migration-20261122140000.js';
import { Migration20261122140500 } from './migrations/migration-20261122140500.js';
import { Migration20261122150000 } from './migrations/migration-20261122150000.js';
import { Migration20261122160000 } from './migrations/migration-20261122160000.js';
import { Migration20261122170000 } from './migrations/migration-20261122170000.js';
import { Migration20261122180000 } from './migrations/migration-20261122180000.js';
import { Migration20261128150000 } from './migrations/migration-20261128150000.js';
import { Migration20261128151000 } from './migrations/migration-20261128151000.js';

const MIGRATIONS_LIST = [
  { name: 'Migration20261122000000', class: Migration20261122000000 },
  { name: 'Migration20261122040000', class: Migration20261122040000 },
  { name: 'Migration20261122110000', class: Migration20261122110000 },
  { name: 'Migration20261122120000', class: Migration20261122120000 },
  { name: 'Migration20261122130000', class: Migration20261122130000 },
  { name: 'Migration20261122130100', class: Migration20261122130100 },
  { name: 'Migration20261122140000', class: Migration20261122140000 },
  { name: 'Migration20261122140500', class: Migration20261122140500 },
  { name: 'Migration20261122150000', class: Migration20261122150000 },
  { name: 'Migration20261122160000', class: Migration20261122160000 },
  { name: 'Migration20261122170000', class: Migration20261122170000 },
  { name: 'Migration20261122180000', class: Migration20261122180000 },
  { name: 'Migration20261128150000', class: Migration20261128150000 },
  { name: 'Migration20261128151000', class: Migration20261128151000 },
];

/** Every migration of this program, in order. */
export const MIGRATIONS: readonly string[] = MIGRATIONS_LIST.map(({ name }) => name);

const KEEP_ALIVE_MS = 10_000;
const CONNECT_MS = 5_000;

/** What a pool of connections bounds. */
export interface PoolLimits {
  readonly connections: number;
  /** For a connection to become free; one that has to be made may take its own time. */
  readonly waitMs: number;
  /** How many wait at once; who comes later is refused. */
  readonly longestQueue: number;
  /** A statement that got no answer for so long is given up with its connection; 0: never. */
  readonly silentMs: number;
}

const USUAL: PoolLimits = { connections: 10, waitMs: 10_000, longestQueue: 10_000, silentMs: 0 };

/** MikroORM's settings for one process. */
export function ormConfig(databaseUrl: string, limits: Partial<PoolLimits> = {}) {
  const { connections, waitMs, longestQueue, silentMs } = { ...USUAL, ...limits };
  const fromUrl = postgresConfig(databaseUrl);
  return defineConfig({
    clientUrl: withoutQuery(databaseUrl),
    entities: ENTITIES,
    extensions: [Migrator],
    driverOptions: {
      Client: PooledClient,
      types: { getTypeParser: typeParser },
      ...fromUrl,
      connectionTimeoutMillis: fromUrl.connectionTimeoutMillis ?? CONNECT_MS,
      // A burst that comes every few seconds finds its connections open.
      idleTimeoutMillis: 60_000,
      query_timeout: silentMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      onConnect: (client: PooledClient) => client.prepareIfDirect(),
      onPoolCreated: (pool: pg.Pool) => {
        const { outdated } = boundPool(pool, { waitMs, longestQueue });
        pool.on('connect', (client) => client.once('read-only' as 'end', outdated));
      },
    },
    pool: { min: 0, max: connections },
    // A query's text may carry parameters: nothing of it is ever logged.
    debug: false,
    logger: () => undefined,
    allowGlobalContext: false,
    // BullMQ keeps its own tables in its own schema; a schema diff would want to drop them.
    // The audit's triggers stand in its migration.
    schemaGenerator: { ignoreSchema: ['bullmq'], ignoreTriggers: true },
    migrations: {
      snapshot: false,
      tableName: 'migrations',
      migrationsList: MIGRATIONS_LIST,
    },
  });
}

/** MikroORM would read a schema in it. */
function withoutQuery(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.search = '';
  return url.href;
}

/** Our own statements read what pg would: instants as Date, bigint as a number (versions and counts are below 2^53). */
function typeParser(oid: number, format?: 'text' | 'binary'): unknown {
  if (oid === pg.types.builtins.INT8) return Number;
  return pg.types.getTypeParser(oid, format as 'text');
}
