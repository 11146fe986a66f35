/**
 * One process of the product as the harness runs it: the same start as in production, with timers that are shorter by one
 * factor, and where a trial wants it with a machine clock that is wrong.
 */
export {};

const skewMs = Number(process.env['FAULTS_CLOCK_SKEW_MS'] ?? 0);
if (skewMs !== 0) {
  const RealDate = Date;
  // Before anything else is loaded, so that no library keeps the right one.
  globalThis.Date = class extends RealDate {
    constructor(...given: unknown[]) {
      if (given.length === 0) super(RealDate.now() + skewMs);
      else super(...(given as [number]));
    }
    static override now(): number {
      return RealDate.now() + skewMs;
    }
  } as DateConstructor;
}

const { createLogger, loadSettings, runProcess, scaledTimers } = await import('#libs/platform');
const timers = scaledTimers(Number(process.env['FAULTS_TIMER_SCALE'] ?? 1));
const [role = 'all'] = process.argv.slice(2);
await runProcess(createLogger(role), async () => {
  switch (role) {
    case 'api': {
      const { startApiAlone } = await import('../../../apps/api/src/start-api-alone.js');
      return startApiAlone(loadSettings(process.env, 'separate-processes'));
    }
    case 'worker': {
      const { startWorkerAlone } = await import('../../../apps/worker/src/index.js');
      return startWorkerAlone(loadSettings(process.env, 'separate-processes'), { timers });
    }
    default: {
      const { startAll } = await import('../../../apps/cli/src/start-all.js');
      return startAll(loadSettings(process.env), { timers });
    }
  }
});
