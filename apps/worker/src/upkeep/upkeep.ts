import { SlotStore, type SlotRef } from '#libs/conferences';
import { EVERY_SCHOOL, rows, sql } from '#libs/database';
import { planDigests, planOwnerCare } from '#libs/notifications';
import type { WorkerCore } from '../core.js';
import { AuditUpkeep } from './audit-upkeep.js';
import { PrivacyUpkeep } from './privacy-upkeep.js';
import { UpkeepSchedule } from './upkeep-schedule.js';

const DIGESTS_EVERY_MS = 3_000;
const OWNER_CARE_EVERY_MS = 30_000;
const TIDY_EVERY_MS = 60_000;
const PRIVACY_EVERY_MS = 10 * 60_000;
const CHAIN_EVERY_MS = 2_000;
const CHECKPOINTS_EVERY_MS = 30_000;
const BATCH = 200;

/** What no event asks for: digests of evenings that became quiet, mails about meetings that wait for their owner, slots that passed while they waited, old keys, and the audit's chain. */
export class Upkeep {
  private readonly schedule: UpkeepSchedule;

  constructor(private readonly core: WorkerCore) {
    const audit = new AuditUpkeep(core);
    const privacy = new PrivacyUpkeep(core);
    const task = (everyMs: number, name: string, work: () => Promise<unknown>) => ({ name, everyMs, work });
    this.schedule = new UpkeepSchedule(core, [
      task(CHAIN_EVERY_MS, 'audit-chain', () => audit.chain()),
      task(CHECKPOINTS_EVERY_MS, 'audit-checkpoints', () => audit.checkpoint()),
      task(DIGESTS_EVERY_MS, 'digests', () => planDigests(this.core, this.core.clock.now())),
      task(OWNER_CARE_EVERY_MS, 'owner-care', () => planOwnerCare(this.core, this.core.clock.now())),
      task(PRIVACY_EVERY_MS, 'privacy', () => privacy.run()),
      task(TIDY_EVERY_MS, 'tidy', () => this.tidy()),
    ]);
  }

  start(): void {
    this.schedule.start();
  }

  stop(): Promise<void> {
    return this.schedule.stop();
  }

  /** Parked creation ends with its slot (P2); tickets and idempotency keys end with their time. */
  async tidy(): Promise<void> {
    const { database, index, clock } = this.core;
    const now = clock.now();
    await database.transaction(EVERY_SCHOOL, async (em) => {
      const passed = await rows(
        em,
        sql<SlotRef>`select distinct m.school_id, m.timeslot_id from meetings m join timeslots t on t.school_id = m.school_id and t.id = m.timeslot_id
        where m.wished and m.state in ('pending', 'parked', 'waiting', 'stuck') and m.made_sealed is null and m.operation is null and t.end_at <= ${now} limit ${BATCH}`,
      );
      const store = await SlotStore.load(em, index, passed, true);
      await store.save(now);
    });
    await rows(database.unscoped(), sql`delete from spent_tokens where expires_at < ${now}`);
    await rows(database.unscoped(), sql`delete from idempotency_keys where expires_at < ${now}`);
    await rows(
      database.unscoped(),
      sql`delete from pauses where until < ${new Date(now.getTime() - 3_600_000)} and (paid_until is null or paid_until < ${now})`,
    );
  }
}
