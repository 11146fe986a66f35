import { accountContext, waitingFor } from '#libs/conferences';
import { schoolsOf } from '#libs/database';
import { Secret } from '#libs/encryption';
import { LOGIN_OF } from '#libs/providers';
import type { Core } from '../core.js';
import type { WaitingForReader } from './view-models.js';

/** What waits for this person's login, per account that it waits for. */
export async function waitingForReader(core: Core, personId: string): Promise<WaitingForReader[]> {
  const waiting = await core.database.transaction(schoolsOf.person(personId), async (em) => {
    const found = await waitingFor(em, core.deps(), personId);
    await core.keys.load(
      em,
      found.map(({ meeting }) => ({ school: meeting.schoolId })),
    );
    return found;
  });
  const perAccount = new Map<string, { -readonly [K in keyof WaitingForReader]: WaitingForReader[K] }>();
  for (const { meeting, what } of waiting) {
    const login = LOGIN_OF[meeting.provider];
    const account = meeting.accountSealed
      ? (await core.keys.open(meeting.accountSealed, accountContext(meeting))).reveal()
      : null;
    const key = JSON.stringify([login, account]);
    const known = perAccount.get(key) ?? {
      login,
      account: account === null ? null : new Secret(account),
      meetings: 0,
      removals: 0,
    };
    known[what === 'make' ? 'meetings' : 'removals'] += 1;
    perAccount.set(key, known);
  }
  return [...perAccount.values()];
}
