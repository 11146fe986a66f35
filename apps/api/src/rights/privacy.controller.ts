import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { whatWeStore } from '#libs/privacy';
import { Core } from '../core.js';
import { AlsoWhileErased, Allow, CurrentCaller } from '../http/access.js';
import type { CalledRequest, Caller } from '../http/caller.js';
import { cookiesOf, setCookies } from '../http/cookies.js';
import { frameOf, wantsPage } from '../http/problem.filter.js';
import { Problem, notFound } from '../http/problem.js';
import { Sessions } from '../http/sessions.js';
import { trueOrFalse } from '../http/true-or-false.js';
import { VisitsService } from '../login/visits.service.js';
import {
  pageRoutes,
  renderDataPage,
  renderErasurePage,
  renderPrivacyPage,
  renderStoredPage,
  uiTexts,
  type DataModel,
} from '../pages/index.js';
import { asUuid } from './as-uuid.js';
import { erasureJson } from './erasure-json.js';
import { ErasuresService } from './erasures.service.js';
import { PeopleService } from './people.service.js';
import { readCorrection } from './read-correction.js';

const NO_REASON = () => '';
const FIELDS = ['name', 'email', 'locale', 'about'] as const;

/** What stood in the form, so that nobody types it again. */
function typedIn(request: CalledRequest): Partial<Record<(typeof FIELDS)[number], string>> {
  const body = (request.body ?? {}) as Record<string, unknown>;
  return Object.fromEntries(FIELDS.flatMap((field) => (typeof body[field] === 'string' ? [[field, body[field]]] : [])));
}

/** What people read about their data: the statement, the list of what is kept, and their own page. */
@Controller()
export class PrivacyController {
  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(PeopleService) private readonly people: PeopleService,
    @Inject(ErasuresService) private readonly erasures: ErasuresService,
    @Inject(VisitsService) private readonly visits: VisitsService,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  @Get('privacy')
  @Allow('public')
  privacy(@Req() request: CalledRequest, @Res() response: Response) {
    const { region, privacyContact, securityContact } = this.core.settings;
    response
      .type('html')
      .send(renderPrivacyPage({ frame: frameOf(request), region: region ?? '', privacyContact, securityContact }));
  }

  @Get('what-we-store')
  @Allow('public')
  async whatWeStore(@Req() request: CalledRequest, @Res() response: Response) {
    const frame = frameOf(request);
    const columns = await whatWeStore(uiTexts(frame).locale === 'nl' ? 'nl' : 'en');
    response.vary('Accept').vary('Accept-Language');
    if (request.accepts(['html', 'json']) === 'json') response.json({ rows: columns });
    else response.type('html').send(renderStoredPage({ frame, columns }));
  }

  @Get('me/data')
  @Allow('anyone')
  async ownData(@CurrentCaller() caller: Caller, @Req() request: CalledRequest, @Res() response: Response) {
    const saved = trueOrFalse(request.query['saved'], 'saved');
    response.type('html').send(await this.ownPage(caller, request, { saved }));
  }

  @Post('me/data')
  @Allow('anyone')
  async correctOwn(@CurrentCaller() caller: Caller, @Req() request: CalledRequest, @Res() response: Response) {
    try {
      await this.people.correct(caller, caller.personId, readCorrection(request.body), NO_REASON);
      response.redirect(303, `${pageRoutes.ownData}?saved=true`);
    } catch (error) {
      if (!(error instanceof Problem) || error.getStatus() !== 422) throw error;
      const fields = FIELDS.filter((field) => error.faults.some(({ pointer }) => pointer === `/${field}`));
      await this.sendAgain(error, { wrong: { fields, typed: typedIn(request) } }, caller, request, response);
    }
  }

  /** The same as `POST /v1/people/{own id}/erasure`, from a form with a tick: it cannot be taken back. */
  @Post('me/data/erasure')
  @Allow('anyone')
  async eraseOwn(@CurrentCaller() caller: Caller, @Req() request: CalledRequest, @Res() response: Response) {
    const { sure } = (request.body ?? {}) as { sure?: unknown };
    if (!trueOrFalse(sure, 'sure')) {
      const problem = new Problem(422, 'Nothing was erased.', [{ pointer: '/sure', detail: 'must be true' }]);
      return this.sendAgain(problem, { notSure: true }, caller, request, response);
    }
    const [erasure] = await this.erasures.request(caller, caller.personId, false);
    if (caller.via === 'session') setCookies(response, [await this.sessions.beginForErasure(caller, erasure.id)]);
    response.redirect(303, pageRoutes.erasure(erasure.id));
  }

  /** What became of it: for whom it is about, also when nothing else is left of them. */
  @Get('me/erasures/:id')
  @Allow('anyone')
  @AlsoWhileErased()
  async erasure(
    @CurrentCaller() caller: Caller,
    @Param('id', asUuid) id: string,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    if (caller.erasureId !== undefined && caller.erasureId !== id) throw notFound();
    const row = await this.erasures.look(caller, id);
    const erasure = erasureJson(row, this.core.settings.appUrl);
    const { timeZone } = await this.people.schoolOf(row.schoolId);
    const logins = await this.erasures.waitingLogins(caller, row);
    // A page load is a visit: with a login that is connected already, what waits is removed.
    if (logins.length > 0 && caller.via === 'session')
      setCookies(response, (await this.visits.visit(caller.personId, cookiesOf(request))).cookies);
    const isOwn = this.erasures.isAbout(caller, row);
    response.type('html').send(renderErasurePage({ frame: frameOf(request), erasure, timeZone, isOwn, logins }));
  }

  /** A form that cannot be taken is shown again with what is wrong; a program gets the problem. */
  private async sendAgain(
    problem: Problem,
    own: DataModel['own'],
    caller: Caller,
    request: CalledRequest,
    response: Response,
  ): Promise<void> {
    if (!wantsPage(request)) throw problem;
    const page = await this.ownPage(caller, request, own);
    response.status(problem.getStatus()).type('html').send(page);
  }

  private async ownPage(caller: Caller, request: CalledRequest, own: DataModel['own']): Promise<string> {
    const data = await this.people.look(caller, caller.personId, 'person.looked-at', NO_REASON);
    const found = await this.erasures.own(caller);
    const erasure = found && { id: found.id, isOpen: found.doneAt === null };
    return renderDataPage({
      frame: frameOf(request),
      data,
      isOwn: true,
      endSessions: pageRoutes.endOwnSessions,
      own: { ...own, erasure },
    });
  }
}
