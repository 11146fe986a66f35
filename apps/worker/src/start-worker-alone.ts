import { openClock, openKeys } from '#libs/database';
import { SealedLeaseBook, leaseWireSettings } from '#libs/login';
import type { Settings, Timers } from '#libs/platform';
import { startWorker, type RunningWorker } from './start-worker.js';

/** The worker in a process of its own: what it borrows is sealed to a key that only this process's memory holds. */
export async function startWorkerAlone(settings: Settings, options: { timers?: Timers } = {}): Promise<RunningWorker> {
  await using opening = new AsyncDisposableStack();
  const clock = await openClock(settings.databaseUrl);
  opening.defer(() => clock.close());
  const keys = await openKeys(settings);
  const leases = await SealedLeaseBook.open(leaseWireSettings(settings, keys.root), () => clock.now());
  opening.defer(() => leases.close());
  const worker = await startWorker(settings, leases, { clock, keys, ...options });
  opening.defer(() => worker.close());
  const opened = opening.move();
  return { close: () => opened.disposeAsync() };
}
