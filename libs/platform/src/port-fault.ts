import { StartupError } from './startup-error.js';

/** Why a port could not be had, in words that name its setting; any other error stays what it is. */
export function portFault(setting: 'PORT' | 'METRICS_PORT', port: number, error: unknown): unknown {
  switch ((error as { code?: unknown }).code) {
    case 'EADDRINUSE':
      return new StartupError([
        `${setting}=${port} is in use by another process: end that one, or choose another port.`,
      ]);
    case 'EACCES':
      return new StartupError([`${setting}=${port} is not allowed to this user: choose a port above 1023.`]);
    default:
      return error;
  }
}
