import { url as inspected } from 'node:inspector';
import type { Logger } from 'pino';
import { watchEventLoop } from './event-loop-watch.js';
import { errorPlace } from './logging.js';
import { StartupError } from './startup-error.js';

/** What is in hand is finished within this; then the process ends all the same. Below the 30 s that the contract gives. */
const DRAIN_MS = 25_000;

/**
 * Runs a process in the foreground until SIGTERM or SIGINT: starts it, drains it, exits 0. A wrong setting is told in
 * plain words, all at once, and exits 1. One whose event loop stands still ends itself.
 */
export async function runProcess(logger: Logger, start: () => Promise<{ close: () => Promise<void> }>): Promise<void> {
  let running: { close: () => Promise<void> };
  try {
    running = await start();
  } catch (error) {
    if (error instanceof StartupError) {
      logger.fatal({ faults: error.faults }, 'the start was stopped: settings are wrong');
      process.stderr.write(`${error.message}\n`);
    } else {
      logger.fatal(errorPlace(error), 'the start failed');
      process.stderr.write('The start failed; the log line above says where.\n');
    }
    process.exitCode = 1;
    setTimeout(() => process.exit(1), 500).unref();
    return;
  }
  // Who looks at it with a debugger may let it stand still.
  if (inspected() === undefined) watchEventLoop();
  let ending = false;
  const end = (signal: string) => {
    if (ending) return;
    ending = true;
    logger.info({ signal }, 'ending: what is in hand is finished');
    setTimeout(() => process.exit(0), DRAIN_MS).unref();
    void running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error(errorPlace(error), 'the end was not clean');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', () => end('SIGTERM'));
  process.on('SIGINT', () => end('SIGINT'));
}
