/** Where the queues can live. Suites that touch a queue run once on each that is here: `describe.each(backends())`. */
export const BACKENDS = ['postgres', 'redis'] as const;
export type Backend = (typeof BACKENDS)[number];

export const backends = (): Backend[] => (process.env['TEST_BACKENDS'] ?? 'postgres').split(',') as Backend[];

/** The settings that `queueConnection` takes for this backend. Each Jest worker has queues of its own. */
export function queueSettings(backend: Backend, databaseUrl: string) {
  return {
    redisUrl: backend === 'redis' ? process.env['TEST_REDIS_URL']! : null,
    databaseUrl,
    queuePrefix: `{test-${process.env['JEST_WORKER_ID'] ?? '0'}}`,
  };
}
