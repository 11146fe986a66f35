import { openClock, openKeys } from '#libs/database';
import { SealedLender, leaseWireSettings } from '#libs/login';
import type { Settings } from '#libs/platform';
import { startApi } from './start-api.js';

/** The API in a process of its own: leases travel sealed to workers elsewhere. */
export async function startApiAlone(settings: Settings): Promise<{ close: () => Promise<void> }> {
  await using opening = new AsyncDisposableStack();
  const clock = await openClock(settings.databaseUrl);
  opening.defer(() => clock.close());
  const keys = await openKeys(settings);
  const lender = new SealedLender(leaseWireSettings(settings, keys.root), () => clock.now());
  opening.defer(() => lender.close());
  const api = await startApi(settings, lender, { clock, keys });
  opening.defer(() => api.close());
  const opened = opening.move();
  return { close: () => opened.disposeAsync() };
}
