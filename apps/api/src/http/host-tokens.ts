import { createHash } from 'node:crypto';
import { jwtVerify, type JWTPayload } from 'jose';
import { rows, sql } from '#libs/database';
import type { Core } from '../core.js';
import { isCleanText } from './clean-text.js';
import { ROLES, type IdentifiedCaller, type Role } from './caller.js';
import { HostKeys } from './host-keys.js';
import { Unavailable } from './problem.js';

export const BEARER_AUDIENCE = 'video-conferences';
export const TICKET_AUDIENCE = 'video-conferences/enter';

const SKEW_SECONDS = 5;
const LONGEST_SECONDS = 600;
const TICKET_AGE_SECONDS = 60;

export interface Ticket {
  readonly caller: IdentifiedCaller;
  readonly hash: Buffer;
  readonly expiresAt: Date;
}

/** The parent-meetings module's short tokens: ES256 or EdDSA, verified against its key set. */
export class HostTokens {
  private readonly keys: HostKeys;
  private readonly issuer: string;

  constructor(private readonly core: Core) {
    this.issuer = core.settings.host.issuer.replace(/\/+$/, '');
    this.keys = new HostKeys(core.settings.host.jwksUrl, core.dependencies);
    void this.keys.warmUp();
  }

  /**
   * The caller of a bearer token and when the token ends, or null.
   * @throws Unavailable where the module's keys cannot be had
   */
  async bearer(token: string): Promise<(IdentifiedCaller & { readonly endsAt: Date }) | null> {
    const claims = await this.verify(token, BEARER_AUDIENCE);
    const caller = claims && callerOf(claims);
    return claims && caller && { ...caller, endsAt: new Date((claims.exp! + SKEW_SECONDS) * 1000) };
  }

  /**
   * A ticket that would be taken now; it is not used up by this. Null for a wrong, old or used one.
   * @throws Unavailable where the module's keys cannot be had
   */
  async ticket(token: string): Promise<Ticket | null> {
    const claims = await this.verify(token, TICKET_AUDIENCE);
    const caller = claims && callerOf(claims);
    if (!claims || !caller) return null;
    const now = this.core.clock.now().getTime() / 1000;
    if (now - claims.iat! > TICKET_AGE_SECONDS + SKEW_SECONDS) return null;
    const hash = createHash('sha256').update(`ticket:${claims.jti}`).digest();
    const [spent] = await rows(this.core.database.unscoped(), sql`select 1 from spent_tokens where hash = ${hash}`);
    return spent ? null : { caller, hash, expiresAt: new Date((claims.exp! + SKEW_SECONDS + LONGEST_SECONDS) * 1000) };
  }

  /** Uses a ticket up. False when somebody was first. */
  async spend(ticket: Ticket): Promise<boolean> {
    const taken = await rows(
      this.core.database.unscoped(),
      sql`insert into spent_tokens (hash, expires_at) values (${ticket.hash}, ${ticket.expiresAt}) on conflict do nothing returning 1 as one`,
    );
    return taken.length === 1;
  }

  private async verify(token: string, audience: string): Promise<JWTPayload | null> {
    const now = this.core.clock.now();
    try {
      const { payload } = await jwtVerify(token, this.keys.get, {
        issuer: [this.issuer, `${this.issuer}/`],
        audience,
        algorithms: ['ES256', 'EdDSA', 'Ed25519'],
        clockTolerance: SKEW_SECONDS,
        currentDate: now,
        requiredClaims: ['iat', 'jti', 'exp', 'sub'],
      });
      // One audience only: a ticket that also names the API would be a bearer too.
      if (payload.aud !== audience && !(Array.isArray(payload.aud) && payload.aud.length === 1)) return null;
      const seconds = now.getTime() / 1000;
      if (payload.exp! - seconds > LONGEST_SECONDS + SKEW_SECONDS || payload.iat! > seconds + SKEW_SECONDS) return null;
      return payload;
    } catch (error) {
      if (error instanceof Unavailable) throw error;
      return null;
    }
  }
}

/** None is as good a subset as any: whoever has no role may use what all may. Another word is not of our contract. */
const areRoles = (value: unknown): value is Role[] =>
  Array.isArray(value) && value.every((role) => (ROLES as readonly unknown[]).includes(role));

const isId = (value: unknown): value is string => typeof value === 'string' && value !== '' && isCleanText(value);

function callerOf(claims: JWTPayload): IdentifiedCaller | null {
  const roles: unknown = claims['roles'];
  const school = claims['school'];
  if (!isId(claims.sub) || !areRoles(roles)) return null;
  if (school !== undefined && !isId(school)) return null;
  // Only ops belong to no school.
  if (school === undefined && !(roles.length > 0 && roles.every((role) => role === 'ops'))) return null;
  const text = (name: string) => (typeof claims[name] === 'string' ? claims[name] : '');
  return {
    personId: claims.sub,
    schoolId: school ?? null,
    roles,
    name: text('name'),
    email: text('email'),
    locale: text('locale') || 'en',
  };
}
