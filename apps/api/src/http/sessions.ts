import { createHash, randomUUID } from 'node:crypto';
import { rows, sql } from '#libs/database';
import { NO_REASON } from './reason-of.js';
import type { CookieInstruction } from '#libs/login';
import type { Core } from '../core.js';
import type { Caller, Role } from './caller.js';

const PURPOSE = 'session';
export const SESSION_SECONDS = 12 * 3600;

/** The sealed session of a browser: twelve hours at most, bound to nothing on the server but the list of ended ones. */
export class Sessions {
  readonly cookieName: string;
  private readonly secure: boolean;

  constructor(private readonly core: Core) {
    this.secure = core.settings.appUrl.startsWith('https:');
    this.cookieName = this.secure ? '__Host-session' : 'session';
  }

  async begin(caller: Omit<Caller, 'via' | 'reason'>): Promise<CookieInstruction> {
    const payload = {
      sub: caller.personId,
      school: caller.schoolId,
      roles: [...caller.roles],
      name: caller.name,
      email: caller.email,
      locale: caller.locale,
      schoolLocale: await this.schoolLocale(caller.schoolId),
      sid: randomUUID(),
    };
    return this.cookie(await this.core.sealer.seal(PURPOSE, payload, SESSION_SECONDS), SESSION_SECONDS);
  }

  async read(cookies: Readonly<Record<string, string | undefined>>): Promise<Caller | null> {
    const value = cookies[this.cookieName];
    const payload = value ? await this.core.sealer.open(PURPOSE, value) : null;
    if (!payload) return null;
    const session = payload as {
      sub: string;
      school: string | null;
      roles: Role[];
      name: string;
      email: string;
      locale: string;
      schoolLocale: string | null;
      sid: string;
    };
    const [ended] = await rows(
      this.core.database.unscoped(),
      sql`select 1 from spent_tokens where hash = ${endedHash(session.sid)}`,
    );
    if (ended) return null;
    return {
      personId: session.sub,
      schoolId: session.school,
      roles: session.roles,
      name: session.name,
      email: session.email,
      locale: session.locale,
      schoolLocale: session.schoolLocale,
      via: 'session',
      reason: NO_REASON,
      sessionId: session.sid,
    };
  }

  private async schoolLocale(schoolId: string | null): Promise<string | null> {
    if (schoolId === null) return null;
    const [school] = await this.core.database.transaction([schoolId], (em) =>
      rows(em, sql<{ locale: string }>`select locale from schools where id = ${schoolId}`),
    );
    return school?.locale ?? null;
  }

  /** Signs out for good: a copy of the cookie does not work either. */
  async end(sessionId: string): Promise<void> {
    const expiresAt = new Date(this.core.clock.now().getTime() + SESSION_SECONDS * 1000);
    await rows(
      this.core.database.unscoped(),
      sql`insert into spent_tokens (hash, expires_at) values (${endedHash(sessionId)}, ${expiresAt}) on conflict do nothing`,
    );
  }

  clear(): CookieInstruction {
    return this.cookie('', 0);
  }

  private cookie(value: string, maxAge: number): CookieInstruction {
    return {
      name: this.cookieName,
      value,
      attributes: { httpOnly: true, secure: this.secure, sameSite: 'lax', path: '/', maxAge },
    };
  }
}

const endedHash = (sessionId: string) => createHash('sha256').update(`session:${sessionId}`).digest();
