import { Database } from '#libs/database';

/** Does a Postgres answer there, and take the role? @param name of the setting that names it @returns what is wrong, or null */
export async function databaseFault(name: string, url: string): Promise<string | null> {
  const database = await Database.connect(url, 1);
  try {
    return (await database.answers())
      ? null
      : `${name}: Postgres does not answer, or refuses this role. Check host, port, role and password.`;
  } finally {
    await database.close();
  }
}
