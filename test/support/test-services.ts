import { migrate, startEmbeddedPostgres } from '#libs/database';
import { hasRedis, startRedis } from './redis.js';

/**
 * Starts what the medium, e2e and browser tests share and names it in the environment, which Jest hands to its workers.
 * The migrated database is the template that `freshDatabase()` copies.
 */
export async function startTestServices(): Promise<() => Promise<void>> {
  const postgres = await startEmbeddedPostgres({ durable: false });
  const stops = [postgres.stop];
  const stop = async () => {
    for (const one of stops.splice(0)) await one();
  };
  try {
    await migrate(postgres.migrationUrl, postgres.url);
    process.env['TEST_POSTGRES_URL'] = postgres.url;
    process.env['TEST_POSTGRES_MIGRATION_URL'] = postgres.migrationUrl;
    process.env['TEST_BACKENDS'] ??= hasRedis() ? 'postgres,redis' : 'postgres';
    if (process.env['TEST_BACKENDS'].split(',').includes('redis')) {
      const redis = await startRedis();
      stops.push(() => redis.stop());
      process.env['TEST_REDIS_URL'] = redis.url;
    }
    return stop;
  } catch (error) {
    await stop();
    throw error;
  }
}
