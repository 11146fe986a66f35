import { connectFault, checkConnection } from '#libs/database';

/** Does a Postgres answer there, and take the role? @param name of the setting that names it @returns what is wrong, or null */
export const databaseFault = (name: string, url: string): Promise<string | null> =>
  checkConnection(url).then(
    () => null,
    (error: unknown) => connectFault(name, error),
  );
