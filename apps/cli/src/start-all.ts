import { startApi } from '../../api/src/index.js';
import { startWorker } from '../../worker/src/index.js';
import { openClock, openKeys, type Keys } from '#libs/database';
import { MemoryLeases, SealedLeaseBook, SealedLender, leaseWireSettings } from '#libs/login';
import type { Clock, HttpLimits, Settings, Timers } from '#libs/platform';

export interface RunningProduct {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Api and worker in one process. Leases are handed over in memory, or sealed over Redis where the settings say so. */
export async function startAll(
  settings: Settings,
  options: { clock?: Clock; timers?: Timers; httpLimits?: HttpLimits } = {},
): Promise<RunningProduct> {
  const own = options.clock ? null : await openClock(settings.databaseUrl);
  const clock = options.clock ?? own!;
  const keys = await openKeys(settings);
  const leases = await openLeases(settings, clock, keys);
  const worker = await startWorker(settings, leases.book, { ...options, clock, keys });
  const api = await startApi(settings, leases.lender, { ...options, clock, keys, withHealthServer: false });
  return {
    port: api.port,
    close: async () => {
      await api.close();
      await worker.close();
      leases.close();
      await own?.close();
    },
  };
}

async function openLeases(settings: Settings, clock: Clock, keys: Keys) {
  const now = () => clock.now();
  if (settings.lease === 'memory') {
    const memory = new MemoryLeases(now);
    return { lender: memory, book: memory, close: () => memory.close() };
  }
  const wire = leaseWireSettings(settings, keys.root);
  const book = await SealedLeaseBook.open(wire, now);
  const lender = new SealedLender(wire, now);
  return {
    lender,
    book,
    close: () => {
      lender.close();
      book.close();
    },
  };
}
