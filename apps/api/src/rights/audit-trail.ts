import { Inject, Injectable } from '@nestjs/common';
import { type AuditAction, type AuditActor, type AuditEntry, recordAudit } from '#libs/privacy';
import { Core } from '../core.js';
import { type Caller, type Role, hasRole } from '../http/caller.js';

/** Who did it, with the first of these roles that the caller has: the one that let them. */
export const actorOf = (caller: Caller, ...roles: readonly Role[]): AuditActor => ({
  kind: 'person',
  id: caller.personId,
  role: roles.find((role) => hasRole(caller, role)) ?? caller.roles[0],
});

/** Writes down what staff looked at (R12), where the look is not a part of a transaction already. */
@Injectable()
export class AuditTrail {
  constructor(@Inject(Core) private readonly core: Core) {}

  async note(...entries: readonly AuditEntry[]): Promise<void> {
    const schools = [...new Set(entries.map(({ schoolId }) => schoolId))];
    await this.core.transaction(schools, (em) => recordAudit(em, this.core.deps(), entries));
  }

  /** An admin sees the names and accounts of colleagues; teachers see their own evenings and are not written down. */
  async adminLooked(caller: Caller, detail: { evening: string } | { timeslot: string }): Promise<void> {
    if (caller.schoolId === null || !hasRole(caller, 'admin')) return;
    const action: AuditAction = 'evening.looked-at';
    const actor = actorOf(caller, 'admin');
    await this.note({ schoolId: caller.schoolId, action, actor, reason: caller.reason, detail });
  }
}
