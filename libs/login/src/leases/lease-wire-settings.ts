import type { IndexRoot } from '#libs/encryption';
import type { Settings } from '#libs/platform';
import type { LeaseWireSettings } from './lease-wire.js';

/** How API and worker find each other, from the settings that both have. The wire key comes from the keys' root: whoever can only reach Redis can neither announce a worker nor read a lease. */
export function leaseWireSettings(
  settings: Pick<Settings, 'redisUrl' | 'queuePrefix'>,
  root: IndexRoot,
): LeaseWireSettings {
  return {
    redisUrl: settings.redisUrl!,
    prefix: settings.queuePrefix,
    wireKeys: [root.derive('lease-wire')],
  };
}
