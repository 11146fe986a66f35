import type { ClientConfig } from 'pg';

/**
 * What pg is told of a Postgres URL, for every connection that we make: MikroORM's, the queues' and our own. No client
 * gets the URL itself: pg reads other things in it than MikroORM does, and lets them win over what stands beside it.
 * `sslmode`: `require` encrypts and does not look whose certificate it is; `verify-ca` and `verify-full` look at it and
 * at its name; `disable` speaks in clear. Without one, PGSSLMODE says it, and in clear else (R10).
 * @param url as the settings check took it; what is not known in its query does nothing
 */
export function postgresConfig(url: string): ClientConfig {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const [user, secret, database] = [username, password, pathname.slice(1)].map(decodeURIComponent);
  const mode = searchParams.get('sslmode');
  const applicationName = searchParams.get('application_name');
  const seconds = Number(searchParams.get('connect_timeout') ?? 0);
  return {
    host: decodeURIComponent(hostname).replace(/^\[(.+)\]$/, '$1'),
    port: Number(port) || 5432,
    ...(user && { user }),
    ...(secret && { password: secret }),
    ...(database && { database }),
    ...(mode !== null && { ssl: mode === 'disable' ? false : { rejectUnauthorized: mode.startsWith('verify-') } }),
    ...(applicationName && { application_name: applicationName }),
    ...(seconds > 0 && { connectionTimeoutMillis: seconds * 1000 }),
  };
}
