import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { startHealthServer } from './health-server.js';
import { Metrics } from './metrics.js';
import { portFault } from './port-fault.js';
import { StartupError } from './startup-error.js';

describe('P16 a port that cannot be had', () => {
  it('is told with its setting', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const starting = startHealthServer({ port, bind: '127.0.0.1' }, new Metrics(), () =>
        Promise.resolve({ ready: true, faults: [] }),
      );
      await expect(starting).rejects.toThrow(
        new StartupError([`METRICS_PORT=${port} is in use by another process: end that one, or choose another port.`]),
      );
    } finally {
      other.close();
    }
  });

  it('says what else it may be, and leaves other errors alone', () => {
    expect(portFault('API', 80, '0.0.0.0', { code: 'EACCES' })).toEqual(
      new StartupError(['PORT=80 is not allowed to this user: choose a port above 1023.']),
    );
    expect(portFault('METRICS', 9464, '192.0.2.1', { code: 'EADDRNOTAVAIL' })).toEqual(
      new StartupError(['METRICS_BIND=192.0.2.1 is not an address of this machine.']),
    );
    const other = new Error('something else');
    expect(portFault('API', 80, '0.0.0.0', other)).toBe(other);
  });
});
