import { StartupError } from './startup-error.js';

const SETTINGS = { API: ['PORT', 'BIND'], METRICS: ['METRICS_PORT', 'METRICS_BIND'] } as const;

/** Why an address could not be listened on, in words that name its setting; any other error stays what it is. */
export function portFault(of: keyof typeof SETTINGS, port: number, bind: string, error: unknown): unknown {
  const [portSetting, bindSetting] = SETTINGS[of];
  switch ((error as { code?: unknown }).code) {
    case 'EADDRINUSE':
      return new StartupError([
        `${portSetting}=${port} is in use by another process: end that one, or choose another port.`,
      ]);
    case 'EACCES':
      return new StartupError([`${portSetting}=${port} is not allowed to this user: choose a port above 1023.`]);
    case 'EADDRNOTAVAIL':
      return new StartupError([`${bindSetting}=${bind} is not an address of this machine.`]);
    default:
      return error;
  }
}
