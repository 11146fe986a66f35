import { describe, expect, it } from '@jest/globals';
import { postgresConfig } from '#libs/database';
import { queueConnection } from './queue-backend.js';

describe('R10 the queues in Postgres connect as everything else does', () => {
  it.each(['', '?sslmode=require', '?sslmode=verify-full'])('%s', (query) => {
    const databaseUrl = `postgres://u:p@db.example:6432/d${query}`;
    const { connection } = queueConnection({ redisUrl: null, databaseUrl, queuePrefix: '{c}' });
    expect(connection).toMatchObject(postgresConfig(databaseUrl));
    // pg would let the URL win over all of it.
    expect(connection).not.toHaveProperty('connectionString');
  });
});
