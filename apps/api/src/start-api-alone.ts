import { openClock, openKeys } from '#libs/database';
import { SealedLender, leaseWireSettings } from '#libs/login';
import type { Settings } from '#libs/platform';
import { startApi } from './start-api.js';

/** The API in a process of its own: leases travel sealed to workers elsewhere. */
export async function startApiAlone(settings: Settings): Promise<{ close: () => Promise<void> }> {
  const clock = await openClock(settings.databaseUrl);
  const keys = await openKeys(settings);
  const lender = new SealedLender(leaseWireSettings(settings, keys.root), () => clock.now());
  const api = await startApi(settings, lender, { clock, keys });
  return {
    close: async () => {
      await api.close();
      lender.close();
      await clock.close();
    },
  };
}
