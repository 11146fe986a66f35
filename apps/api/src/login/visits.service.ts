import { Inject, Injectable } from '@nestjs/common';
import { ownerIsHere, parkedSince } from '#libs/conferences';
import { schoolsOf } from '#libs/database';
import type { CookieInstruction, CookieJar, Grant, StoredLogin } from '#libs/login';
import { LoginRefused } from '#libs/login';
import { LOGIN_OF, PROVIDERS, type LoginName } from '#libs/providers';
import { Core } from '../core.js';
import { loginEpochs } from './login-epochs.js';
import { reportingSignIn } from './sign-in-health.js';
import { TokenRests } from './token-rests.js';

export const LOGINS: readonly LoginName[] = ['google', 'microsoft'];

/** A lease is renewed when less than this is left of the access token; until then the same one is lent again. */
const FRESH_MS = 5 * 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export interface Visit {
  readonly resumed: number;
  /** The login cookie may have been renewed, or is of no use any more. */
  readonly cookies: readonly CookieInstruction[];
  readonly logins: readonly StoredLogin[];
}

/** "I am here": opens the login cookies, lends leases to the workers, and lets go on what waited for the login (P1). */
@Injectable()
export class VisitsService {
  /** Access tokens of people who are here, minutes long, in memory only; also what keeps two tabs from refreshing twice. */
  private readonly grants = new Map<string, { grant: Grant; subject: string; since: Date }>();
  private readonly refreshing = new Map<string, Promise<{ grant: Grant; login: StoredLogin; rotated: boolean }>>();

  private readonly rests = new TokenRests();

  constructor(@Inject(Core) private readonly core: Core) {}

  /** @param loadsPage a page is loaded; false: one that has been open says "I am here" */
  async visit(personId: string, jar: CookieJar, loadsPage = false): Promise<Visit> {
    const { live, ended } = await this.read(personId, jar);
    const visits = await Promise.all(live.map((stored) => this.visitLogin(stored, jar, loadsPage)));
    return {
      resumed: visits.reduce((sum, { resumed }) => sum + resumed, 0),
      cookies: [
        ...visits.flatMap(({ cookies }) => cookies),
        ...ended.flatMap(({ login }) => this.core.loginCookies.clear(login, jar)),
      ],
      logins: visits.flatMap(({ logins }) => logins),
    };
  }

  /** The logins that this browser has for this person; nothing is fetched. */
  async connected(personId: string, jar: CookieJar): Promise<readonly StoredLogin[]> {
    return (await this.read(personId, jar)).live;
  }

  /** `ended`: cookies of logins that this person ended everywhere, from some other browser. */
  private async read(personId: string, jar: CookieJar): Promise<{ live: StoredLogin[]; ended: StoredLogin[] }> {
    const read = await Promise.all(LOGINS.map((login) => this.core.loginCookies.read(login, personId, jar)));
    const logins = read.filter((login) => login !== null);
    if (logins.length === 0) return { live: [], ended: [] };
    const epochs = await loginEpochs(this.core, personId, LOGINS);
    const isLive = ({ login, epoch }: StoredLogin) => epoch === (epochs.get(login) ?? 0);
    return { live: logins.filter(isLive), ended: logins.filter((login) => !isLive(login)) };
  }

  /** Lends what was just granted and resumes what waited. @returns how many meetings went on */
  async lend(login: StoredLogin, grant: Grant, loadsPage = true): Promise<number> {
    const { personId, account } = login;
    this.hold(grantKey(personId, login.login), grant, account.subject);
    await this.core.leases.lend({
      personId,
      login: login.login,
      account: { subject: account.subject, email: account.email },
      accessToken: grant.accessToken,
      expiresAt: grant.expiresAt,
    });
    return this.core.database.transaction(schoolsOf.person(personId), async (em) => {
      let resumed = 0;
      for (const owner of this.ownersOf(login))
        resumed += await ownerIsHere(em, this.core.deps(), { ...owner, loadsPage });
      return resumed;
    });
  }

  /** Forgets what this process holds of a login, and asks the workers to. */
  async withdraw(personId: string, login: LoginName): Promise<void> {
    this.grants.delete(grantKey(personId, login));
    await this.core.leases.withdraw(personId, login);
  }

  /** Until it is worth nothing any more. */
  private hold(key: string, grant: Grant, subject: string): void {
    if (this.grants.get(key)?.grant === grant) return;
    const since = this.core.clock.now();
    const held = { grant, subject, since };
    this.grants.set(key, held);
    const forget = () => this.grants.get(key) === held && this.grants.delete(key);
    setTimeout(forget, Math.min(grant.expiresAt.getTime() - since.getTime(), LONGEST_TIMER_MS)).unref();
  }

  private async visitLogin(stored: StoredLogin, jar: CookieJar, loadsPage: boolean): Promise<Visit> {
    const name = stored.login;
    try {
      const { grant, login, rotated } = await this.grantOf(stored);
      return {
        resumed: await this.lend(login, grant, loadsPage),
        cookies: rotated ? await this.core.loginCookies.write(login, jar) : [],
        logins: [login],
      };
    } catch (error) {
      if (!(error instanceof LoginRefused)) throw error;
      this.grants.delete(grantKey(stored.personId, name));
      this.core.logger.info({ login: name, reason: error.reason }, 'a login could not be renewed');
      // Ended for good: the cookie goes, so that the page says "connect" and not "connected".
      if (error.reason === 'login-ended')
        return { resumed: 0, cookies: this.core.loginCookies.clear(name, jar), logins: [] };
      return { resumed: 0, cookies: [], logins: [stored] };
    }
  }

  private async grantOf(stored: StoredLogin): Promise<{ grant: Grant; login: StoredLogin; rotated: boolean }> {
    const key = grantKey(stored.personId, stored.login);
    const held = this.grants.get(key);
    const now = this.core.clock.now().getTime();
    const isFresh = held?.subject === stored.account.subject && held.grant.expiresAt.getTime() - now > FRESH_MS;
    if (held && isFresh && !(await this.parkedSince(stored, held.since)))
      return { grant: held.grant, login: stored, rotated: false };
    const single = `${key}\n${stored.account.subject}`;
    let refresh = this.refreshing.get(single);
    if (!refresh) {
      refresh = this.refresh(stored).finally(() => this.refreshing.delete(single));
      this.refreshing.set(single, refresh);
    }
    return refresh;
  }

  /** Asks the provider, unless it said for this account when to come back, and that is still ahead (P10). */
  private async refresh(stored: StoredLogin) {
    const account = this.core.index.of('token-rest', stored.login, stored.account.subject).toString('base64url');
    const until = this.rests.endOf(account, this.core.clock.now());
    if (until) throw new LoginRefused('unavailable', until);
    try {
      return await reportingSignIn(this.core.dependencies, stored.login, () =>
        this.core.logins[stored.login].refresh(stored),
      );
    } catch (error) {
      if (error instanceof LoginRefused && error.until) this.rests.begin(account, error.until);
      throw error;
    }
  }

  /** The workers cannot tell this process that a token was refused; what parked since it was fetched does. */
  private parkedSince(login: StoredLogin, since: Date): Promise<boolean> {
    return this.core.database.transaction(schoolsOf.person(login.personId), async (em) => {
      for (const owner of this.ownersOf(login)) if (await parkedSince(em, owner, since)) return true;
      return false;
    });
  }

  /** The person with this account, at each provider that the login is for. */
  private ownersOf({ personId, login, account }: StoredLogin) {
    return PROVIDERS.filter((provider) => LOGIN_OF[provider] === login).map((provider) => ({
      personId,
      provider,
      accountIndex: this.core.index.of('account', provider, account.subject),
    }));
  }
}

const grantKey = (personId: string, login: LoginName) => `${login}\n${personId}`;
