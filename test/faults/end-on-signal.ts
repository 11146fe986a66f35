/** Whoever stops a run leaves no server and no folder behind; a second Ctrl-C ends it at once. */
export function endOnSignal(close: () => Promise<unknown>): void {
  const exit = () => process.exit(130);
  const end = () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end).on(signal, exit);
    // The closing takes the servers from under the run: what breaks there by that is no finding and is not told.
    process.stdout.write = () => true;
    process.removeAllListeners('uncaughtException').on('uncaughtException', () => undefined);
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => undefined);
    void close().then(exit, exit);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
}
