import { openApi } from '../../api/src/index.js';
import { openWorker } from '../../worker/src/index.js';
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
  await using opening = new AsyncDisposableStack();
  const own = options.clock ? null : await openClock(settings.databaseUrl);
  opening.defer(() => own?.close());
  const clock = options.clock ?? own!;
  const keys = await openKeys(settings);
  const leases = await openLeases(settings, clock, keys);
  opening.defer(() => leases.close());
  const worker = await openWorker(settings, leases.book, { ...options, clock, keys });
  opening.defer(() => worker.close());
  const api = await openApi(settings, leases.lender, { ...options, clock, keys, withHealthServer: false });
  opening.defer(() => api.close());
  await worker.start();
  const { port } = await api.start();
  const opened = opening.move();
  return { port, close: () => opened.disposeAsync() };
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
