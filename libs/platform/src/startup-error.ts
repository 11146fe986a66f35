/** Stops a start. The message names every fault found and says for each what to do. */
export class StartupError extends Error {
  override readonly name = 'StartupError';

  constructor(readonly faults: readonly string[]) {
    super(
      faults.length === 1
        ? faults[0]
        : `${faults.length} settings are wrong:\n${faults.map((f) => `  - ${f}`).join('\n')}`,
    );
  }
}
