import { Inject, Injectable } from '@nestjs/common';
import { correctPerson, personData, schoolOf, type Correction } from '#libs/conferences';
import type { Em } from '#libs/database';
import { type AuditAction, chainEntries, listAudit, recordAudit } from '#libs/privacy';
import { Core } from '../core.js';
import type { Caller } from '../http/caller.js';
import { notFound } from '../http/problem.js';
import { actorOf } from './audit-trail.js';
import { dataJson, type DataJson } from './data-json.js';
import { viewOf } from './view-of.js';

const MOST_LOOKS = 200;

/** Seeing and correcting a person's data, for the API and for the pages alike (R13). */
@Injectable()
export class PeopleService {
  constructor(@Inject(Core) private readonly core: Core) {}

  /**
   * What is held about a person, as this caller may see it. A look of staff is written down in the transaction that reads.
   * Whoever is signed in and of whom nothing is held is told just that.
   * @throws 404 for whom the caller may not see, or nobody knows
   */
  async look(caller: Caller, personId: string, action: AuditAction, reason: () => string): Promise<DataJson> {
    const view = viewOf(caller, personId, 'look');
    if (!view) throw notFound();
    const { schoolId } = caller;
    const { appUrl } = this.core.settings;
    if (schoolId === null) return dataJson(personId, null, null, [], view, appUrl);
    const why = view === 'own' ? '' : reason();
    await this.closeChain(schoolId);
    return this.core.transaction([schoolId], async (em) => {
      const deps = this.core.deps();
      const data = await personData(em, deps, schoolId, personId);
      if (!data && view !== 'own') throw notFound();
      const looks = await listAudit(em, deps, schoolId, { subject: personId }, MOST_LOOKS);
      if (view !== 'own')
        await recordAudit(em, deps, [
          {
            schoolId,
            action,
            actor: actorOf(caller, view === 'whole' ? 'privacy' : 'support'),
            subjectId: personId,
            reason: why,
          },
        ]);
      return dataJson(personId, await this.school(em, schoolId), data, looks, view, appUrl);
    });
  }

  /** @throws 404 for whom the caller may not change, or of whom nothing is held */
  async correct(caller: Caller, personId: string, correction: Correction, reason: () => string): Promise<void> {
    const { schoolId } = caller;
    const view = viewOf(caller, personId, 'change');
    if (!view || schoolId === null) throw notFound();
    const why = view === 'own' ? undefined : reason();
    await this.core.transaction([schoolId], async (em) => {
      const deps = this.core.deps();
      if (!(await correctPerson(em, deps, { schoolId, personId }, correction))) throw notFound();
      await recordAudit(em, deps, [
        {
          schoolId,
          action: 'person.corrected',
          actor: view === 'own' ? { kind: 'person', id: personId, role: 'self' } : actorOf(caller, 'privacy'),
          subjectId: personId,
          ...(why !== undefined && { reason: why }),
          detail: { fields: Object.keys(correction).sort().join(' ') },
        },
      ]);
    });
  }

  /** What stands there now that it was corrected. */
  async after(caller: Caller, personId: string): Promise<DataJson> {
    const schoolId = caller.schoolId!;
    return this.core.transaction([schoolId], async (em) => {
      const data = await personData(em, this.core.deps(), schoolId, personId);
      const view = viewOf(caller, personId, 'change') ?? 'masked';
      return dataJson(personId, await this.school(em, schoolId), data, [], view, this.core.settings.appUrl);
    });
  }

  /** For a page outside of a transaction. */
  schoolOf(schoolId: string) {
    return this.core.transaction([schoolId], (em) => this.school(em, schoolId));
  }

  /** Times are read on the school's clock. */
  private async school(em: Em, id: string) {
    return { id, timeZone: (await schoolOf(em, this.core.keys, id))?.timeZone ?? 'UTC' };
  }

  /** What was written down a moment ago has its place before it is read. */
  async closeChain(schoolId: string): Promise<void> {
    while ((await this.core.transaction([schoolId], (em) => chainEntries(em, schoolId))) > 0);
  }
}
