import { startApi } from '../../api/src/index.js';
import { startWorker } from '../../worker/src/index.js';
import { MemoryLeases, SealedLeaseBook, SealedLender, leaseWireSettings } from '#libs/login';
import type { Clock, Settings } from '#libs/platform';

export interface RunningProduct {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Api and worker in one process. Leases are handed over in memory, or sealed over Redis where the settings say so. */
export async function startAll(settings: Settings, options: { clock?: Clock } = {}): Promise<RunningProduct> {
  const leases = await openLeases(settings);
  const worker = await startWorker(settings, leases.book, options);
  const api = await startApi(settings, leases.lender, { ...options, withHealthServer: false });
  return {
    port: api.port,
    close: async () => {
      await api.close();
      await worker.close();
      leases.close();
    },
  };
}

async function openLeases(settings: Settings) {
  if (settings.lease === 'memory') {
    const memory = new MemoryLeases();
    return { lender: memory, book: memory, close: () => memory.close() };
  }
  const wire = leaseWireSettings(settings);
  const book = await SealedLeaseBook.open(wire);
  const lender = new SealedLender(wire);
  return {
    lender,
    book,
    close: () => {
      lender.close();
      book.close();
    },
  };
}
