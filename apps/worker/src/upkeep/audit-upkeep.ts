import { EVERY_SCHOOL } from '#libs/database';
import { chainEntries, unchainedSchools } from '#libs/privacy';
import type { WorkerCore } from '../core.js';

/** Closes the schools' audit chains shortly after entries are written, and writes their checkpoints (R12). */
export class AuditUpkeep {
  constructor(private readonly core: Pick<WorkerCore, 'database' | 'clock' | 'metrics' | 'checkpoints'>) {}

  /** A transaction for each school and 2,000 entries. */
  async chain(): Promise<void> {
    const { database, clock, metrics, checkpoints } = this.core;
    const behind = await database.transaction(EVERY_SCHOOL, unchainedSchools);
    const oldest = behind[0]?.since.getTime() ?? clock.now().getTime();
    metrics.auditLag.set(Math.max(0, clock.now().getTime() - oldest) / 1000);
    for (const { schoolId } of behind)
      while ((await database.transaction([schoolId], (em) => chainEntries(em, schoolId))) > 0);
    await checkpoints.noteEnds(
      behind.map(({ schoolId }) => schoolId),
      clock.now(),
    );
  }

  async checkpoint(): Promise<void> {
    await this.core.checkpoints.run(this.core.clock.now());
  }
}
