import type { BlindIndex } from '#libs/encryption';
import { asJson, rows, schoolsOf, sql, type DataKeys, type Database, type Em } from '#libs/database';
import { clearDue, holdDue } from '#libs/messaging';
import type { Clock } from '#libs/platform';
import { recordAudit, signReceipt, type ErasureLedger, type LedgerEntry, type SigningKeys } from '#libs/privacy';
import { erasePerson, type ErasureDeps } from './erase-person.js';
import { erasureOf, subjectOf, type ErasureRow } from './erasures.js';
import { forgetOwner, meetingsLeft } from './own-meetings.js';

export interface RunErasureDeps extends Pick<ErasureDeps, 'planNotices'> {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly index: BlindIndex;
  readonly clock: Clock;
  readonly ledger: Pick<ErasureLedger, 'append'>;
  readonly signing: SigningKeys;
  /** APP_URL; the receipt says whose word it is. */
  readonly issuer: string;
}

/** A removal that ends wakes an erasure; this is the net below that. */
const LOOK_AGAIN_MS = 15 * 60_000;

/**
 * One erasure from its request to its receipt (R14). Each step is a transaction of its own and can be done twice; whoever
 * is killed between two of them, the next one goes on from what Postgres says.
 */
export class RunErasure {
  constructor(private readonly deps: RunErasureDeps) {}

  /** @returns a word for the log and the job */
  async process(erasureId: string): Promise<string> {
    if (!(await this.erase(erasureId))) return 'nothing-to-do';
    await this.writeDown(erasureId);
    return this.finish(erasureId);
  }

  /** Step 1: out of the database, and the person's key destroyed. False: it is done, or was never asked for. */
  async erase(erasureId: string): Promise<boolean> {
    const { database, keys, index, clock, planNotices } = this.deps;
    const subject = await database.transaction(schoolsOf.erasure(erasureId), async (em) => {
      const now = clock.now();
      const erasure = await erasureOf(em, erasureId, true);
      if (!erasure || erasure.doneAt) {
        await clearDue(em, 'erasures', [erasureId]);
        return null;
      }
      const subject = await subjectOf(em, keys, erasure);
      if (erasure.erasedAt || !subject) return { schoolId: erasure.schoolId };
      const counts = await erasePerson(em, { keys, index, now, planNotices }, subject);
      await rows(
        em,
        sql`update erasures set state = 'erasing', erased_at = ${now}, counts = ${asJson(counts)} where id = ${erasureId}`,
      );
      return subject;
    });
    // Whoever read the key again before this was committed has it from this process's memory: not any more.
    if (subject && 'personId' in subject) keys.forget({ school: subject.schoolId, person: subject.personId });
    return subject !== null;
  }

  /** Step 2: the ledger outside the database. One line at a time, over all processes. */
  async writeDown(erasureId: string): Promise<void> {
    const { database } = this.deps;
    await database.transaction(schoolsOf.erasure(erasureId), async (em) => {
      const erasure = await erasureOf(em, erasureId, true);
      if (!erasure?.erasedAt || erasure.ledgerSequence !== null) return;
      const { sequence } = await this.append(em, erasure, 'erased', erasure.erasedAt, null);
      await rows(em, sql`update erasures set ledger_sequence = ${sequence} where id = ${erasureId}`);
    });
  }

  /** Step 3: waits for removals at the provider as far as there is time; then the last ids go, and the receipt is signed. */
  async finish(erasureId: string): Promise<'done' | 'waits-for-owner' | 'nothing-to-do'> {
    const { database, keys, index, clock } = this.deps;
    return database.transaction(schoolsOf.erasure(erasureId), async (em) => {
      const now = clock.now();
      const erasure = await erasureOf(em, erasureId, true);
      if (!erasure?.erasedAt || erasure.ledgerSequence === null || erasure.doneAt) return 'nothing-to-do';
      const subject = await subjectOf(em, keys, erasure);
      const waiting = subject ? await meetingsLeft(em, subject) : 0;
      if (waiting > 0 && now < erasure.dueAt) {
        await rows(
          em,
          sql`update erasures set state = 'waiting_for_owner', waiting = ${waiting} where id = ${erasureId}`,
        );
        const dueAt = new Date(Math.min(erasure.dueAt.getTime(), now.getTime() + LOOK_AGAIN_MS));
        await holdDue(em, 'erasures', erasureId, { dueAt, busyUntil: null, newRound: true });
        return 'waits-for-owner';
      }
      // Without a subject it was done before a backup was restored; what was left then stands in the row.
      const left = subject ? await forgetOwner(em, { index, now }, subject) : erasure.waiting;
      await this.append(em, erasure, 'done', now, left);
      const receipt = await this.receipt(erasure, left, now);
      await rows(
        em,
        sql`update erasures set state = 'done', waiting = ${left}, done_at = ${now}, subject_sealed = null, receipt = ${receipt} where id = ${erasureId}`,
      );
      await recordAudit(em, { keys, index, now }, [
        {
          schoolId: erasure.schoolId,
          action: erasure.cause === 'retention' ? 'retention.deleted' : 'erasure.finished',
          actor: { kind: 'system' },
          detail: { erasure: erasureId, leftAtProvider: left },
        },
      ]);
      await clearDue(em, 'erasures', [erasureId]);
      return 'done';
    });
  }

  private async append(
    em: Em,
    erasure: ErasureRow,
    what: LedgerEntry['what'],
    at: Date,
    leftAtProvider: number | null,
  ): Promise<LedgerEntry> {
    await rows(em, sql`select pg_advisory_xact_lock(hashtext('erasure ledger'))`);
    const { id: erasureId, schoolId, personIndex } = erasure;
    const person = personIndex.toString('base64url');
    return this.deps.ledger.append({ what, erasureId, schoolId, person, at: at.toISOString(), leftAtProvider });
  }

  private receipt(erasure: ErasureRow, left: number, now: Date): Promise<string> {
    return signReceipt(this.deps.signing, {
      issuer: this.deps.issuer,
      erasure: erasure.id,
      school: erasure.schoolId,
      requestedAt: erasure.requestedAt.toISOString(),
      erasedAt: erasure.erasedAt!.toISOString(),
      doneAt: now.toISOString(),
      erased: erasure.counts && { ...erasure.counts },
      leftAtProvider: {
        meetings: left,
        why:
          left === 0
            ? null
            : 'They are in the account of their owner, who did not visit with that account in time; only the owner can remove them there.',
      },
      ledgerSequence: erasure.ledgerSequence!,
    });
  }
}
