import { rows, sql } from '#libs/database';
import type { LoginName } from '#libs/providers';
import type { Core } from '../core.js';

/**
 * How often this person had this login ended everywhere: a cookie says in which epoch it was made, and one of an earlier
 * epoch is worth nothing, in whichever browser it is. Stored is a number under a keyed hash, and only for those who ever
 * asked for it; nothing of the login (R4).
 */
export async function loginEpochs(
  core: Core,
  personId: string,
  logins: readonly LoginName[],
): Promise<ReadonlyMap<LoginName, number>> {
  const byIndex = new Map(logins.map((login) => [indexOf(core, personId, login).toString('hex'), login]));
  const found = await rows(
    core.database.unscoped(),
    sql<{ hex: string; epoch: number }>`
      select encode(login_index, 'hex') as hex, epoch from login_epochs
      where login_index in (${sql.join(logins.map((login) => indexOf(core, personId, login)))})`,
  );
  return new Map(found.map(({ hex, epoch }) => [byIndex.get(hex)!, epoch]));
}

/** Every cookie of this login that there is, in any browser, is worth nothing from now on. */
export async function endLoginEverywhere(core: Core, personId: string, login: LoginName): Promise<void> {
  await rows(
    core.database.unscoped(),
    sql`insert into login_epochs (login_index, epoch) values (${indexOf(core, personId, login)}, 1)
      on conflict (login_index) do update set epoch = login_epochs.epoch + 1`,
  );
}

const indexOf = (core: Core, personId: string, login: LoginName): Buffer =>
  core.index.of('login-epoch', personId, login);
