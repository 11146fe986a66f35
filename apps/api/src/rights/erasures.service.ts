import { Inject, Injectable } from '@nestjs/common';
import {
  erasureOf,
  erasuresOf,
  latestErasureOf,
  providersLeft,
  requestErasure,
  schoolsOfPerson,
  type ErasureRow,
} from '#libs/conferences';
import { schoolsOf } from '#libs/database';
import { erasedPersonIndex } from '#libs/encryption';
import { recordAudit } from '#libs/privacy';
import { LOGIN_OF, type LoginName } from '#libs/providers';
import { schoolId } from '../conferences/conferences.service.js';
import { Core } from '../core.js';
import { type Caller, hasRole } from '../http/caller.js';
import { notFound, Problem } from '../http/problem.js';
import { actorOf } from './audit-trail.js';

/** Asking to be forgotten, and seeing what became of it, for the API and for the pages alike (R14). */
@Injectable()
export class ErasuresService {
  constructor(@Inject(Core) private readonly core: Core) {}

  /**
   * Asks for it at the caller's school, or, `everywhere`, at all schools of the person, who alone may ask that.
   * @returns at least one; that of the caller's school first. Asked again by the person, also one that is done
   * @throws 404 for whom the caller may not erase, or nobody knows
   */
  async request(caller: Caller, personId: string, everywhere: boolean): Promise<[ErasureRow, ...ErasureRow[]]> {
    const isSelf = caller.personId === personId;
    if (caller.schoolId === null || personId.includes('\u0000') || !(isSelf || hasRole(caller, 'privacy')))
      throw notFound();
    const schools = everywhere && isSelf ? await this.schoolsOf(personId, caller.schoolId) : [caller.schoolId];
    const erasures: ErasureRow[] = [];
    for (const schoolId of schools) {
      const asked = await this.ask(caller, { schoolId, personId }, everywhere && !isSelf);
      // Nobody is known of whom all is erased: who asks again for the own is told of that erasure.
      const erasure = asked ?? (isSelf ? await this.own({ schoolId, personId }) : null);
      if (erasure) erasures.push(erasure);
    }
    const [first, ...others] = erasures;
    if (!first) throw notFound();
    return [first, ...others];
  }

  /** @throws 404 for all but whom it is about and the privacy officers of its school */
  async look(caller: Caller, id: string): Promise<ErasureRow> {
    const erasure = await this.core.database.transaction(schoolsOf.erasure(id), (em) => erasureOf(em, id));
    if (!erasure) throw notFound();
    const isSelf = this.isAbout(caller, erasure);
    const isPrivacy = hasRole(caller, 'privacy') && caller.schoolId === erasure.schoolId;
    if (!isSelf && !isPrivacy) throw notFound();
    if (!isSelf)
      await this.core.transaction([erasure.schoolId], (em) =>
        recordAudit(em, this.core.deps(), [
          {
            schoolId: erasure.schoolId,
            action: 'erasure.looked-at',
            actor: actorOf(caller, 'privacy'),
            reason: caller.reason,
            detail: { erasure: id },
          },
        ]),
      );
    return erasure;
  }

  /** Nothing of an erased person is left to compare with but the keyed hash. */
  isAbout(caller: Caller, { schoolId, personIndex }: ErasureRow): boolean {
    return erasedPersonIndex(this.core.index, schoolId, caller.personId).equals(personIndex);
  }

  /** The caller's own at the caller's school: the open one, else the newest. */
  async own({ schoolId, personId }: Pick<Caller, 'schoolId' | 'personId'>): Promise<ErasureRow | null> {
    if (schoolId === null) return null;
    return this.core.transaction([schoolId], (em) => latestErasureOf(em, this.core.index, { schoolId, personId }));
  }

  /** Which logins of the caller remove what still waits for it: none in an erasure that is somebody else's, or elsewhere. */
  async waitingLogins(caller: Caller, erasure: ErasureRow): Promise<LoginName[]> {
    const { schoolId, state } = erasure;
    if (state !== 'waiting_for_owner' || !hasRole(caller, 'teacher') || !this.isAbout(caller, erasure)) return [];
    const providers = await this.core.transaction([schoolId], (em) =>
      providersLeft(em, { schoolId, personId: caller.personId }),
    );
    return [...new Set(providers.map((provider) => LOGIN_OF[provider]))];
  }

  /** The school's erasures, newest first; written down as a look. */
  async list(caller: Caller, after: string | null, limit: number): Promise<ErasureRow[]> {
    const school = schoolId(caller);
    return this.core.transaction([school], async (em) => {
      const found = await erasuresOf(em, school, after, limit + 1);
      await recordAudit(em, this.core.deps(), [
        {
          schoolId: school,
          action: 'erasure.looked-at',
          actor: actorOf(caller, 'privacy'),
          reason: caller.reason,
          detail: { shown: Math.min(limit, found.length) },
        },
      ]);
      return found;
    });
  }

  /** The token's school first. */
  private async schoolsOf(personId: string, own: string): Promise<string[]> {
    const schools = await this.core.database.transaction(schoolsOf.person(personId), (em) =>
      schoolsOfPerson(em, personId),
    );
    return [own, ...schools.filter((schoolId) => schoolId !== own)];
  }

  private ask(caller: Caller, subject: { schoolId: string; personId: string }, isTooMuch: boolean) {
    return this.core.transaction([subject.schoolId], async (em) => {
      const deps = this.core.deps();
      const asked = await requestErasure(em, deps, subject, 'request');
      if (asked && isTooMuch)
        throw new Problem(403, 'Only the person can ask to be forgotten everywhere. Leave out `everywhere`.');
      if (asked?.isNew)
        await recordAudit(em, deps, [
          {
            schoolId: subject.schoolId,
            action: 'erasure.requested',
            actor: {
              kind: 'person',
              id: caller.personId,
              role: caller.personId === subject.personId ? caller.roles[0] : 'privacy',
            },
            subjectId: subject.personId,
            ...(caller.personId !== subject.personId && { reason: caller.reason }),
            detail: { erasure: asked.erasure.id },
          },
        ]);
      return asked?.erasure ?? null;
    });
  }
}
