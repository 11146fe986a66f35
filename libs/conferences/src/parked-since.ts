import { type Em, rows, sql } from '#libs/database';
import type { Owner } from './owner-is-here.js';

/**
 * Whether work in this account parked since then for want of a token that is taken, or a look was put off. A token that was lent before is then
 * no longer worth lending: the provider refused it, or its loan ended unused.
 */
export async function parkedSince(em: Em, { personId, provider, accountIndex }: Owner, since: Date): Promise<boolean> {
  const parked = await rows(
    em,
    sql`select 1 from meetings m where owner_id = ${personId} and provider = ${provider}
      and (account_index is null or account_index = ${accountIndex})
      and ((state = 'parked' and reason in ('no-login', 'token-rejected') and parked_at > ${since})
        or (state = 'settled' and wished and verify_at > ${since}
          and not exists (select from dispatches d where d.queue = m.provider and d.subject_id = m.id))) limit 1`,
  );
  return parked.length > 0;
}
