import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { MikroORM } from '@mikro-orm/postgresql';
import { Database, migrate, rows, sql } from '#libs/database';
import { emptyDatabase, freshDatabase, type TestDatabase } from '../support/database.js';

// Real: Postgres, the migrations, both roles. Fake: nothing.

describe('R5 the schema is what the entities say, and the application can work in it but not change it', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await freshDatabase();
  });
  afterAll(() => db.close());

  it('leaves nothing for the schema diff to do', async () => {
    const owner = await Database.connect(db.migrationUrl, 2);
    try {
      const wanted = await (owner.orm as MikroORM).schema.getUpdateSchemaSQL({ wrap: false });
      // Policies and look-ups come from a list of their own, which kept-apart.spec.ts holds to the catalog.
      const others = wanted
        .split('\n')
        .filter((line) => line && !/drop (policy|function)|row level security/.test(line));
      expect(others).toEqual([]);
    } finally {
      await owner.close();
    }
  });

  it('migrates an empty database, and again, and does nothing the second time', async () => {
    const empty = await emptyDatabase();
    try {
      expect((await migrate(empty.migrationUrl, empty.url)).applied).not.toEqual([]);
      expect((await migrate(empty.migrationUrl, empty.url)).applied).toEqual([]);
      const database = await Database.connect(empty.url, 1);
      expect(await database.answers()).toBe(true);
      expect(await rows(database.unscoped(), sql`select * from meetings`)).toEqual([]);
      await database.close();
    } finally {
      await empty.close();
    }
  });

  it('a migration under a running process costs it one statement at most, not its connection', async () => {
    const own = await freshDatabase({ poolSize: 1 });
    const look = () => rows(own.database.unscoped(), sql`select * from evenings where school_id = ${'s-1'}`);
    try {
      await look();
      await look();
      await own.query('alter table evenings add column newer text');
      await look().catch(() => undefined);
      expect(await look()).toEqual([]);
    } finally {
      await own.close();
    }
  });

  it('gives the application role nothing of its own', async () => {
    const owned = await db.query(
      `select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = 'conferences'
       union all select p.proname from pg_proc p join pg_roles r on r.oid = p.proowner where r.rolname = 'conferences'
       union all select n.nspname from pg_namespace n join pg_roles r on r.oid = n.nspowner where r.rolname = 'conferences'`,
    );
    expect(owned).toEqual([]);
    const [role] = await db.query<{
      rolsuper: boolean;
      rolcreatedb: boolean;
      rolcreaterole: boolean;
      rolbypassrls: boolean;
    }>(`select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles where rolname = 'conferences'`);
    expect(role).toEqual({ rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolbypassrls: false });
  });

  it.each([
    'create table mine (id int)',
    'create schema mine',
    'alter table people add column email text',
    'drop table people',
    'truncate inbox',
    `insert into migrations (name) values ('x')`,
    'delete from migrations',
    'delete from audit_entries',
    'truncate audit_entries',
    `update audit_entries set action = 'nothing'`,
    'update audit_entries set sequence = 1, actor_sealed = null',
  ])('refuses the application role: %s', async (statement) => {
    const client = new pg.Client({ connectionString: db.url });
    await client.connect();
    try {
      await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    } finally {
      await client.end();
    }
  });

  it("lets the application role read and write every table but the audit, the queues' too", async () => {
    const missing = await db.query(
      `select schemaname, tablename, privilege from pg_tables, unnest(array['SELECT','INSERT','UPDATE','DELETE']) as privilege
       where schemaname in ('public', 'bullmq') and tablename not in ('migrations', 'audit_entries')
         and not has_table_privilege('conferences', format('%I.%I', schemaname, tablename), privilege)`,
    );
    expect(missing).toEqual([]);
  });
});
