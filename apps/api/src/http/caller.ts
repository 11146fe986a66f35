import type { Request } from 'express';

export const ROLES = ['teacher', 'parent', 'admin', 'privacy', 'support', 'ops'] as const;
export type Role = (typeof ROLES)[number];

/** Who is calling, as the parent-meetings module said it. Names here never change stored data. */
export interface Caller {
  /** Person id, the same in all schools. */
  readonly personId: string;
  /** Null for `ops`, who belong to no school. */
  readonly schoolId: string | null;
  readonly roles: readonly Role[];
  readonly name: string;
  readonly email: string;
  readonly locale: string;
  /** Of pages whose reader's own language has no catalogue. Null where no school, or none that we know, is theirs. */
  readonly schoolLocale?: string | null;
  readonly via: 'bearer' | 'session';
  /** Why staff do this, as they say it with the request; `not given` where they do not (R12). */
  readonly reason: string;
  /** Of the session; what `POST /leave` ends. */
  readonly sessionId?: string;
  /** Of a session that is left to whom is being erased: good for that erasure and for connecting an account, no more. */
  readonly erasureId?: string;
  /** When the session, or the bearer token, ends by itself. */
  readonly endsAt: Date;
}

/** Who somebody is, before it is known how the request came. */
export type IdentifiedCaller = Omit<Caller, 'via' | 'reason' | 'endsAt' | 'sessionId' | 'erasureId'>;

export interface CalledRequest extends Request {
  caller?: Caller | null;
  requestId: string;
}

export const hasRole = (caller: Caller, ...roles: readonly Role[]) => caller.roles.some((role) => roles.includes(role));
