import type { DrillRig } from './drill-rig.js';

/** A process ends within 30 s of SIGTERM (contract): one that does not is a violation. */
export const SLOW_END = 'took more than 30 s to end';

/** What is done to the installation while the evening runs; resolves when it is over. Counts what it did. */
export type Drill = (rig: DrillRig, count: (fault: string) => void) => Promise<void>;

export const DRILLS = {
  /** A rolling deployment: every API and every worker ends by SIGTERM and starts again, one after the other, twice. */
  restart: async (rig, count) => {
    for (let round = 0; round < 2; round += 1)
      for (const one of [...rig.apis, ...rig.workers]) {
        const other = rig.apis.find((api) => api !== one)!;
        if (rig.apis.includes(one)) rig.leadTo(other);
        const began = performance.now();
        await one.kill('SIGTERM');
        if (performance.now() - began > 30_000) count(`${one.name} ${SLOW_END}`);
        await one.start();
        count('restarts');
      }
  },
  /** The primary dies as in a crash; nobody is there for a while; its replica is promoted and the name leads to it. */
  failover: async (rig, count) => {
    await rig.untilSomeAreReady();
    await rig.losePrimary();
    count('primary lost');
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await rig.promoteReplica();
    count('replica promoted');
  },
} as const satisfies Record<string, Drill>;

export type DrillName = keyof typeof DRILLS;
