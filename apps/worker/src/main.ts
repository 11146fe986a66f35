import { SealedLeaseBook, leaseWireSettings } from '#libs/login';
import { createLogger, loadSettings, runProcess } from '#libs/platform';
import { startWorker } from './start-worker.js';

// The worker alone: what it borrows is sealed to a key that only this process's memory holds.
const logger = createLogger('worker');
await runProcess(logger, async () => {
  const settings = loadSettings(process.env, 'separate-processes');
  const leases = await SealedLeaseBook.open(leaseWireSettings(settings));
  const worker = await startWorker(settings, leases);
  return {
    close: async () => {
      await worker.close();
      leases.close();
    },
  };
});
