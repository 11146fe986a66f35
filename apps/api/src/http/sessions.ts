import { randomUUID } from 'node:crypto';
import { rows, sql } from '#libs/database';
import type { CookieInstruction } from '#libs/login';
import { SESSION_SECONDS, endSession, endedSessions } from '#libs/privacy';
import type { Core } from '../core.js';
import type { Caller, IdentifiedCaller, Role } from './caller.js';
import { NO_REASON } from './reason-of.js';

const PURPOSE = 'session';
const ERASURE_SECONDS = 3600;

/** The sealed session of a browser. All that the server keeps of sessions is which have ended (libs/privacy/src/sessions). */
export class Sessions {
  readonly cookieName: string;
  private readonly secure: boolean;

  constructor(private readonly core: Core) {
    this.secure = core.settings.appUrl.startsWith('https:');
    this.cookieName = this.secure ? '__Host-session' : 'session';
  }

  async begin(caller: IdentifiedCaller): Promise<CookieInstruction> {
    return this.seal(caller, SESSION_SECONDS);
  }

  /**
   * For whom asked to be erased, in this browser: the session ends with the erasure, but how it goes on can be seen, and what
   * is left in the own account can be removed by connecting it.
   */
  async beginForErasure(caller: Caller, erasureId: string): Promise<CookieInstruction> {
    if (caller.sessionId !== undefined) await this.end(caller.sessionId);
    const roles = caller.roles.filter((role) => role === 'teacher');
    return this.seal({ ...caller, roles }, ERASURE_SECONDS, erasureId);
  }

  private async seal(caller: IdentifiedCaller, seconds: number, erasureId?: string): Promise<CookieInstruction> {
    const payload = {
      sub: caller.personId,
      school: caller.schoolId,
      roles: [...caller.roles],
      name: caller.name,
      email: caller.email,
      locale: caller.locale,
      schoolLocale: await this.schoolLocale(caller.schoolId),
      sid: randomUUID(),
      begunAt: this.core.clock.now().getTime(),
      ...(erasureId !== undefined && { erasureId }),
    };
    return this.cookie(await this.core.sealer.seal(PURPOSE, payload, seconds), seconds);
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
      /** In milliseconds. Absent in cookies of versions before 0.3: such a session ends with the first end of its person. */
      begunAt?: number;
      erasureId?: string;
    };
    const caller: Caller = {
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
      endsAt: new Date((session.begunAt ?? 0) + SESSION_SECONDS * 1000),
      ...(session.erasureId !== undefined && { erasureId: session.erasureId }),
    };
    // It began before its person was erased, and is all that is left then.
    if (caller.erasureId !== undefined) return caller;
    return (await this.ended([caller])).length === 0 ? caller : null;
  }

  /** Those of the callers whose session was ended before its time, or whose person's sessions were. */
  async ended(callers: readonly Caller[]): Promise<Caller[]> {
    const claimed = callers.map((caller) => ({ ...caller, id: caller.sessionId ?? null, caller }));
    const ended = await endedSessions(this.core.database.unscoped(), this.core.index, claimed);
    return ended.map(({ caller }) => caller);
  }

  private async schoolLocale(schoolId: string | null): Promise<string | null> {
    if (schoolId === null) return null;
    const [school] = await this.core.database.transaction([schoolId], (em) =>
      rows(em, sql<{ locale: string }>`select locale from schools where id = ${schoolId}`),
    );
    return school?.locale ?? null;
  }

  /** Signs out for good: a copy of the cookie does not work either. */
  end(sessionId: string): Promise<void> {
    return endSession(this.core.database.unscoped(), sessionId, this.core.clock.now());
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
