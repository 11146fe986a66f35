import { Inject, Injectable } from '@nestjs/common';
import { type AuditAction, type AuditActor, type AuditEntry, recordAudit } from '#libs/privacy';
import { Core } from '../core.js';
import { type CalledRequest, type Caller, type Role, hasRole } from '../http/caller.js';
import { Problem } from '../http/problem.js';
import { Checker } from '../events/checker.js';

const LONGEST_REASON = 500;

/** Who did it, with the first of these roles that the caller has: the one that let them. */
export const actorOf = (caller: Caller, ...roles: readonly Role[]): AuditActor => ({
  kind: 'person',
  id: caller.personId,
  role: roles.find((role) => hasRole(caller, role)) ?? caller.roles[0],
});

/**
 * Why staff look at somebody's data: the header `X-Reason` (UTF-8), or `?reason=`. Nobody is refused for giving none: the
 * entry then says so, and the privacy officer can ask.
 * @throws Problem 422 for one that is too long or no text
 */
export function reasonOf(request: CalledRequest): string {
  const header = request.headers['x-reason'];
  const given: unknown =
    typeof header === 'string' ? Buffer.from(header, 'latin1').toString('utf8') : request.query['reason'];
  if (given === undefined || given === '') return 'not given';
  const check = new Checker('');
  const reason = check.text(given, '/reason', 1, LONGEST_REASON);
  if (check.faults.length > 0) throw new Problem(422, 'The reason cannot be written down.', check.faults);
  return reason;
}

/** Writes down what staff looked at (R12), where the look is not a part of a transaction already. */
@Injectable()
export class AuditTrail {
  constructor(@Inject(Core) private readonly core: Core) {}

  async note(...entries: readonly AuditEntry[]): Promise<void> {
    await this.core.transaction((em) => recordAudit(em, this.core.deps(), entries));
  }

  /** An admin sees the names and accounts of colleagues; teachers see their own evenings and are not written down. */
  async adminLooked(caller: Caller, detail: { evening: string } | { timeslot: string }): Promise<void> {
    if (caller.schoolId === null || !hasRole(caller, 'admin')) return;
    const action: AuditAction = 'evening.looked-at';
    await this.note({ schoolId: caller.schoolId, action, actor: actorOf(caller, 'admin'), detail });
  }
}
