import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { LoginRefused, type CookieJar, type LoginFlow } from '#libs/login';
import { schoolOf } from '#libs/conferences';
import type { LoginName } from '#libs/providers';
import { Core } from '../core.js';
import { AlsoWhileErased, Allow, CurrentCaller } from '../http/access.js';
import type { CalledRequest, Caller } from '../http/caller.js';
import { cookiesOf, setCookies } from '../http/cookies.js';
import { ownPath } from '../http/own-path.js';
import { notFound } from '../http/problem.js';
import { frameOf } from '../http/problem.filter.js';
import { trueOrFalse } from '../http/true-or-false.js';
import { renderLoginRefusedPage } from '../pages/index.js';
import { endLoginEverywhere, loginEpochs } from './login-epochs.js';
import { Finishing, JustGiven } from './sign-ins-under-way.js';
import { reportingSignIn } from './sign-in-health.js';
import { LOGINS, VisitsService } from './visits.service.js';

/** Connecting and forgetting a Google or Microsoft account. What is learned goes into the browser's cookie and nowhere else (R4). */
@Controller('login')
export class LoginController {
  private readonly justGiven = new JustGiven();
  private readonly finishing = new Finishing<Awaited<ReturnType<LoginFlow['finish']>>>();

  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(VisitsService) private readonly visits: VisitsService,
  ) {}

  @Get(':login')
  @Allow(['teacher'])
  @AlsoWhileErased()
  async connect(
    @CurrentCaller() caller: Caller,
    @Param('login') name: string,
    @Query('to') to: string | undefined,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    const login = loginName(name);
    const back = ownPath(to ?? '/');
    try {
      const { personId } = caller;
      const state = await this.core.oauthCookies.state({ login, personId, to: back });
      const { url, transaction } = await this.core.logins[login].start({ personId, to: back, state });
      const cookie = await this.core.oauthCookies.write(transaction, cookiesOf(request), this.justGiven.to(personId));
      this.justGiven.add(personId, cookie.name);
      setCookies(response, [cookie]);
      response.redirect(303, url.href);
    } catch (error) {
      this.refused(error, login, back, request, response);
    }
  }

  @Get(':login/callback')
  @Allow(['teacher'])
  @AlsoWhileErased()
  async callback(
    @CurrentCaller() caller: Caller,
    @Param('login') name: string,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    const login = loginName(name);
    const jar = cookiesOf(request);
    const query = new URL(request.originalUrl, 'http://x').search;
    const state = new URLSearchParams(query).get('state') ?? '';
    const found = await this.core.oauthCookies.read(jar, state);
    const transaction = found?.transaction ?? null;
    // Whatever comes of it, this sign-in is over; others go on.
    if (found) setCookies(response, [this.core.oauthCookies.clear(found.name)]);
    try {
      if (!transaction) return response.redirect(303, await this.afterUsed(state, login, caller, jar));
      if (transaction.login !== login) throw new LoginRefused('state-mismatch');
      const school =
        caller.schoolId === null
          ? null
          : await this.core.database.transaction([caller.schoolId], (em) =>
              schoolOf(em, this.core.keys, caller.schoolId!),
            );
      const callbackUrl = new URL(`${this.core.settings.appUrl}/login/${login}/callback${query}`);
      const {
        login: stored,
        grant,
        to,
      } = await this.finishing.once(JSON.stringify([caller.personId, state]), () =>
        reportingSignIn(this.core.dependencies, login, async () =>
          this.core.logins[login].finish({
            callbackUrl,
            transaction,
            personId: caller.personId,
            accountDomains: school?.accountDomains ?? [],
            epoch: (await loginEpochs(this.core, caller.personId, [login])).get(login) ?? 0,
          }),
        ),
      );
      setCookies(response, await this.core.loginCookies.write(stored, jar));
      await this.visits.lend(stored, grant);
      response.redirect(303, to);
    } catch (error) {
      this.refused(error, login, transaction?.to ?? '/', request, response);
    }
  }

  /**
   * Where a callback leads that was used already, as when it is loaded again: to where it led, with the account connected.
   * @throws LoginRefused where it never was ours, or nothing is connected
   */
  private async afterUsed(state: string, login: LoginName, caller: Caller, jar: CookieJar): Promise<string> {
    const signIn = await this.core.oauthCookies.signInOf(state);
    const isOwn = signIn?.login === login && signIn.personId === caller.personId;
    const connected = isOwn ? await this.visits.connected(caller.personId, jar) : [];
    if (!connected.some((one) => one.login === login)) throw new LoginRefused('state-mismatch');
    return signIn!.to;
  }

  /**
   * Forget me in this browser; `everywhere` also revokes at the provider where that can be, and ends the cookies of the
   * person's other browsers, which the provider may not know to end.
   */
  @Delete(':login')
  @Allow(['teacher'])
  @HttpCode(204)
  async forget(
    @CurrentCaller() caller: Caller,
    @Param('login') name: string,
    @Query('everywhere') everywhere: unknown,
    @Req() request: CalledRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    await this.forgetLogin(caller, loginName(name), trueOrFalse(everywhere, 'everywhere'), request, response);
  }

  /** The same from a form. */
  @Post(':login/forget')
  @Allow(['teacher'])
  async forgetForm(
    @CurrentCaller() caller: Caller,
    @Param('login') name: string,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    const body = request.body as { to?: unknown; everywhere?: unknown } | undefined;
    const to = ownPath(body?.to ?? '/');
    const everywhere = trueOrFalse(body?.everywhere, 'everywhere');
    await this.forgetLogin(caller, loginName(name), everywhere, request, response);
    response.redirect(303, to);
  }

  private async forgetLogin(
    caller: Caller,
    login: LoginName,
    everywhere: boolean,
    request: CalledRequest,
    response: Response,
  ): Promise<void> {
    const jar = cookiesOf(request);
    const stored = await this.core.loginCookies.read(login, caller.personId, jar);
    await this.visits.withdraw(caller.personId, login);
    if (everywhere) await endLoginEverywhere(this.core, caller.personId, login);
    if (stored && everywhere)
      await this.core.logins[login]
        .revoke(stored)
        .catch((error: unknown) =>
          this.core.logger.warn(
            { login, reason: error instanceof LoginRefused ? error.reason : 'unknown' },
            'a grant could not be revoked',
          ),
        );
    setCookies(response, this.core.loginCookies.clear(login, jar));
  }

  private refused(error: unknown, login: LoginName, to: string, request: CalledRequest, response: Response): void {
    if (!(error instanceof LoginRefused)) throw error;
    if (error.away !== undefined) this.core.dependencies.failed(`${login}-sign-in`, error.away);
    if (error.reason === 'unavailable')
      response.setHeader('Retry-After', retryAfterSeconds(error, this.core.clock.now()));
    this.core.logger.info({ login, reason: error.reason, requestId: request.requestId }, 'a login was refused');
    const status =
      error.reason === 'unavailable'
        ? 503
        : error.reason === 'configuration'
          ? 500
          : error.reason === 'state-mismatch'
            ? 400
            : 403;
    response
      .status(status)
      .type('html')
      .send(renderLoginRefusedPage({ frame: frameOf(request), login, reason: error.reason, to }));
  }
}

/** In whole seconds: what the provider asked for, else half a minute. */
const retryAfterSeconds = ({ until }: LoginRefused, now: Date): number =>
  until ? Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000)) : 30;

function loginName(name: string): LoginName {
  const login = LOGINS.find((candidate) => candidate === name);
  if (!login) throw notFound();
  return login;
}
