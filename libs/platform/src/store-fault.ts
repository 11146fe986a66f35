import { types } from 'node:util';

/** Why a store does not serve, as a closed word: what ops do about it depends on it. */
export type StoreFaultKind =
  | 'name-not-found'
  | 'refused'
  | 'timeout'
  | 'lost'
  | 'tls'
  | 'password'
  | 'no-database'
  | 'forbidden'
  | 'full'
  | 'starting'
  | 'read-only'
  | 'busy'
  | 'error-answer';

export interface StoreFault {
  readonly kind: StoreFaultKind;
  /** The code that the store, TLS or the system gave: `READONLY`, `25006`, `ECONNREFUSED`. */
  readonly word: string;
}

/** Codes of our own, for what the drivers report without one. */
export const POOL_FULL = 'POOL_FULL';
export const CONNECT_TIMEOUT = 'CONNECT_TIMEOUT';
export const CONNECTION_LOST = 'CONNECTION_LOST';
export const QUERY_TIMEOUT = 'QUERY_TIMEOUT';
/** Postgres speaks no TLS and the URL asks for it, or something that is no Postgres answered. */
export const NO_TLS = 'NO_TLS';

const SYSTEM: Readonly<Record<string, StoreFaultKind>> = {
  ENOTFOUND: 'name-not-found',
  EAI_AGAIN: 'name-not-found',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  ENETDOWN: 'refused',
  EACCES: 'refused',
  ENOENT: 'refused',
  ETIMEDOUT: 'timeout',
  [CONNECT_TIMEOUT]: 'timeout',
  [QUERY_TIMEOUT]: 'timeout',
  ECONNRESET: 'lost',
  ECONNABORTED: 'lost',
  EPIPE: 'lost',
  [CONNECTION_LOST]: 'lost',
  [POOL_FULL]: 'busy',
  [NO_TLS]: 'tls',
};

/** What Node and OpenSSL call a certificate, or a handshake, that does not do. */
const TLS =
  /^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|EPROTO$|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED_CERT$|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|ERROR_IN_CERT_)/;

/** Is this the code of a TLS fault: a certificate that is not trusted, out of date, of another name, or a plain server? */
export const isTlsFault = (code: string): boolean => TLS.test(code) || code === NO_TLS;

/** SQLSTATE classes and codes (Postgres, appendix A) that speak of the server, the role or the moment, never of the data. */
const SQLSTATE: readonly (readonly [pattern: RegExp, kind: StoreFaultKind])[] = [
  [/^(?:25006|57P04)$/, 'read-only'],
  [/^57P03$/, 'starting'],
  [/^(?:57P01|57P02|57P05|08...)$/, 'lost'],
  [/^28...$/, 'password'],
  [/^3D000$/, 'no-database'],
  [/^42501$/, 'forbidden'],
  [/^53...$/, 'full'],
  // Our own limits of time, a deadlock, a statement prepared on another connection of a pooler: all pass.
  [/^(?:55P03|57014|40001|40P01|25P0[2-4]|26000|42P05)$/, 'busy'],
  [/^58...$/, 'error-answer'],
];

/** Redis' error codes: the first word of an error answer (RESP, simple errors). */
const REDIS: Readonly<Record<string, StoreFaultKind>> = {
  READONLY: 'read-only',
  MASTERDOWN: 'read-only',
  LOADING: 'starting',
  BUSY: 'busy',
  TRYAGAIN: 'busy',
  UNBLOCKED: 'lost',
  CLUSTERDOWN: 'refused',
  NOAUTH: 'password',
  WRONGPASS: 'password',
  NOPERM: 'forbidden',
  OOM: 'full',
  MISCONF: 'full',
  NOREPLICAS: 'full',
};

/**
 * What an error says of the store that gave it, by its code; null where it speaks of something else (the data, the code).
 * Looks through wrappers: drivers keep the first error as `cause`, a connection that was tried on several addresses all.
 */
export function storeFault(error: unknown, depth = 0): StoreFault | null {
  // Not by class: an error of Node itself can be of another realm than ours.
  if (!types.isNativeError(error) || depth > 4) return null;
  const found = faultOf(error);
  if (found) return found;
  const several = 'errors' in error && Array.isArray(error.errors) ? (error.errors as unknown[]) : [];
  for (const inner of [error.cause, ...several]) {
    const fault = storeFault(inner, depth + 1);
    if (fault) return fault;
  }
  return null;
}

function faultOf(error: Error): StoreFault | null {
  if (error.name === 'ReplyError') {
    const word = /^[A-Z]+(?= |$)/.exec(error.message)?.[0] ?? 'ERR';
    return { kind: Object.hasOwn(REDIS, word) ? REDIS[word]! : 'error-answer', word };
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code === null) return LOST_NAMES.has(error.name) ? { kind: 'lost', word: CONNECTION_LOST } : null;
  if (isTlsFault(code)) return { kind: 'tls', word: code };
  if (Object.hasOwn(SYSTEM, code)) return { kind: SYSTEM[code]!, word: code };
  const kind = /^[0-9A-Z]{5}$/.test(code) ? SQLSTATE.find(([pattern]) => pattern.test(code))?.[1] : undefined;
  if (kind) return { kind, word: code };
  // Whatever the server refuses a connection with: it refuses.
  return error.name === 'Unreached' ? { kind: 'refused', word: code } : null;
}

/** ioredis and BullMQ name a connection that went away by the class of the error. */
const LOST_NAMES = new Set(['MaxRetriesPerRequestError', 'ConnectionClosedError', 'ClusterAllFailedError']);

/** What went wrong, in a sentence without subject that follows "Postgres (code): ", and what to do about it. */
export const STORE_FAULT_WORDS: Readonly<Record<StoreFaultKind, string>> = {
  'name-not-found': 'the host name is not known. Check the host in the URL and the DNS',
  refused: 'nothing accepts connections at this host and port. Check both, and whether the server runs',
  timeout: 'no answer in time. Check host, port and firewall',
  lost: 'the connection was closed. Check whether the server runs or has just failed over',
  tls: 'TLS fault: the certificate is not trusted, has expired or is of another name, or the server speaks no TLS. Check the certificate, the host in the URL, and NODE_EXTRA_CA_CERTS for an authority of your own',
  password: 'the user or the password is refused. Check both in the URL, and pg_hba.conf for Postgres',
  'no-database': 'there is no such database. Check the name at the end of the URL',
  forbidden:
    'the role has no permission for this. Run npm run migrate for Postgres; check the ACL of the user for Redis',
  full: 'the server is out of connections, memory or disk. Raise its limit, or free some',
  starting: 'the server is starting up or shutting down. It is asked again by itself',
  'read-only': 'the server is read-only: a replica, or a primary that was demoted. Point the URL at the primary',
  busy: 'too much waits for it. It is asked again by itself; look for long transactions if it stays',
  'error-answer': 'the server answers with an error. Look into its log',
};
