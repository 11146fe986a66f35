import { EVERY_SCHOOL } from '#libs/database';
import { CheckpointWriter, chainEntries, signingKeysOf, unchainedSchools } from '#libs/privacy';
import type { WorkerCore } from '../core.js';

/** Closes the schools' audit chains shortly after entries are written, and writes their checkpoints (R12). */
export class AuditUpkeep {
  private readonly checkpoints: CheckpointWriter;

  constructor(
    private readonly core: Pick<WorkerCore, 'database' | 'index' | 'clock' | 'metrics' | 'settings' | 'ledger'>,
  ) {
    const { database, index, settings, ledger } = core;
    const signing = signingKeysOf(settings.signingKey);
    this.checkpoints = new CheckpointWriter({ database, index, folder: ledger.folder, signing });
  }

  /** A transaction for each school and 2,000 entries. */
  async chain(): Promise<void> {
    const { database, clock, metrics } = this.core;
    const behind = await database.transaction(EVERY_SCHOOL, unchainedSchools);
    const oldest = behind[0]?.since.getTime() ?? clock.now().getTime();
    metrics.auditLag.set(Math.max(0, clock.now().getTime() - oldest) / 1000);
    for (const { schoolId } of behind)
      while ((await database.transaction([schoolId], (em) => chainEntries(em, schoolId))) > 0);
  }

  async checkpoint(): Promise<void> {
    await this.checkpoints.run(this.core.clock.now());
  }
}
