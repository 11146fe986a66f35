import { ownerIsHere } from '#libs/conferences';
import { schoolsOf } from '#libs/database';
import type { LeaseBook } from '#libs/login';
import { errorPlace } from '#libs/platform';
import { LOGIN_OF, PROVIDERS } from '#libs/providers';
import type { WorkerCore } from '../core.js';

/** The API resumes first, and tells the visitor how much went on. */
const AFTER_MS = 300;

/**
 * The API resumes what waits right after it lent. A job can reach a worker before its lease is opened there, and parks
 * again; when the lease arrives, such meetings go on without another visit (P1).
 * @returns stops it
 */
export function resumeWhenLent(core: WorkerCore, leases: LeaseBook): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const stop = leases.onLent(({ personId, login }) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      const lease = leases.borrow(personId, login);
      if (!lease) return;
      const providers = PROVIDERS.filter((provider) => LOGIN_OF[provider] === login);
      core.database
        .transaction(schoolsOf.person(personId), async (em) => {
          for (const provider of providers)
            await ownerIsHere(
              em,
              { index: core.index, now: core.clock.now() },
              { personId, provider, accountIndex: core.index.of('account', provider, lease.account.subject) },
            );
        })
        .catch((error: unknown) => core.logger.warn(errorPlace(error), 'what waited for a lease was not resumed'));
    }, AFTER_MS);
    timers.add(timer);
  });
  return () => {
    stop();
    for (const timer of timers) clearTimeout(timer);
  };
}
