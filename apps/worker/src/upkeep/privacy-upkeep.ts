import { cleanUpEvenings, deleteOldRows, expirePeople } from '#libs/conferences';
import { EVERY_SCHOOL } from '#libs/database';
import { planErasureAlarms, planPrivacyMails } from '#libs/notifications';
import type { WorkerCore } from '../core.js';

/** Deletion by age (R15), clean-up after evenings, and alarms about erasures that take long (R14). */
export class PrivacyUpkeep {
  constructor(
    private readonly core: Pick<WorkerCore, 'database' | 'keys' | 'index' | 'clock' | 'metrics' | 'logger'>,
  ) {}

  async run(): Promise<void> {
    const { database, keys, clock, logger } = this.core;
    await this.alarms();
    const evenings = await cleanUpEvenings(this.core, clock.now());
    const rows = await database.transaction(EVERY_SCHOOL, (em) => deleteOldRows(em, clock.now()));
    const people = await expirePeople(this.core, clock.now(), (em, schoolId) =>
      planPrivacyMails(em, keys, schoolId, 'retention-notice', clock.now()),
    );
    if (evenings + rows + people.noticed + people.deleted > 0)
      logger.info({ evenings, rows, ...people }, 'what was kept long enough went');
  }

  private async alarms(): Promise<void> {
    const { database, keys, clock, metrics, logger } = this.core;
    const alarms = await database.transaction(EVERY_SCHOOL, (em) => planErasureAlarms(em, keys, clock.now()));
    for (const { id, day, waiting } of alarms) {
      metrics.erasureAlarms.inc({ day: String(day) });
      logger.error(
        { erasure: id, day, waiting },
        waiting > 0
          ? 'an erasure waits for its owner’s visit; on day 30 what is at the provider is given up'
          : 'an erasure is not done: look at the queue "erasures"',
      );
    }
  }
}
