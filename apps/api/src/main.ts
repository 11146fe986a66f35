import { SealedLender, leaseWireSettings } from '#libs/login';
import { createLogger, loadSettings, runProcess } from '#libs/platform';
import { startApi } from './start-api.js';

// The API alone: leases travel sealed to workers of their own.
const logger = createLogger('api');
await runProcess(logger, async () => {
  const settings = loadSettings(process.env, 'separate-processes');
  const lender = new SealedLender(leaseWireSettings(settings));
  const api = await startApi(settings, lender);
  return {
    close: async () => {
      await api.close();
      lender.close();
    },
  };
});
