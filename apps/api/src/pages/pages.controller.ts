import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { eveningNameOf, progressOf, slotsOfEvening } from '#libs/conferences';
import { type Em, rows, sql } from '#libs/database';
import { PROVIDERS, type ProviderName } from '#libs/providers';
import { ConferencesService } from '../conferences/conferences.service.js';
import { Core } from '../core.js';
import { Allow, CurrentCaller, MaybeCaller } from '../http/access.js';
import { type CalledRequest, type Caller, hasRole } from '../http/caller.js';
import { cookiesOf, setCookies } from '../http/cookies.js';
import { Problem } from '../http/problem.js';
import { frameOf } from '../http/problem.filter.js';
import { trueOrFalse } from '../http/true-or-false.js';
import { conferencesOfParent } from '../join/parent-conferences.js';
import { VisitsService } from '../login/visits.service.js';
import { AuditTrail } from '../rights/audit-trail.js';
import { ErasuresService } from '../rights/erasures.service.js';
import { ASSETS } from './assets.js';
import { EveningModels } from './evening-model.js';
import { renderEveningPage, renderHomePage } from './index.js';
import type { HomeModel } from './view-models.js';
import { waitingForReader } from './waiting-model.js';

const MOST_EVENINGS = 20;

/** The pages that people open, and the forms on them. Everything works without a script. */
@Controller()
export class PagesController {
  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(VisitsService) private readonly visits: VisitsService,
    @Inject(ConferencesService) private readonly conferences: ConferencesService,
    @Inject(EveningModels) private readonly evenings: EveningModels,
    @Inject(ErasuresService) private readonly erasures: ErasuresService,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
  ) {}

  @Get()
  @Allow('public')
  async home(@MaybeCaller() caller: Caller | null, @Req() request: CalledRequest, @Res() response: Response) {
    const frame = frameOf(request);
    if (!caller) return void response.type('html').send(renderHomePage({ frame, signedIn: false }));
    await this.here(caller, request, response);
    const inSchool = caller.schoolId !== null;
    const model: HomeModel = {
      frame,
      signedIn: true,
      ...(hasRole(caller, 'teacher') && { waiting: await waitingForReader(this.core, caller.personId) }),
      ...(await this.erasureOf(caller)),
      ...(inSchool && hasRole(caller, 'teacher', 'admin') && { evenings: await this.eveningsOf(caller) }),
      ...(inSchool &&
        hasRole(caller, 'parent') && {
          conferences: (await conferencesOfParent(this.core, caller.schoolId!, caller.personId)).map((row) => ({
            ...row,
            status: row.status ?? ('none' as const),
          })),
        }),
      privacy: inSchool && hasRole(caller, 'privacy'),
      ops: hasRole(caller, 'ops'),
    };
    response.type('html').send(renderHomePage(model));
  }

  @Get('evenings/:id')
  @Allow(['teacher', 'admin'])
  async evening(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    // Opening the page is a visit: what waited for this teacher goes on.
    const connected = await this.here(caller, request, response);
    const page = renderEveningPage(await this.evenings.of(caller, id, connected, frameOf(request)));
    await this.trail.adminLooked(caller, { evening: id });
    response.type('html').send(page);
  }

  @Post('evenings/:id/conferences')
  @Allow(['teacher'])
  async add(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    const body = formOf(request);
    await this.conferences.want(caller, {
      provider: providerOf(body),
      eveningId: id,
      onlyMissing: trueOrFalse(body['onlyMissing'], 'onlyMissing'),
    });
    back(response, id);
  }

  @Post('evenings/:id/take-over')
  @Allow(['teacher'])
  async takeOverEvening(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    const body = formOf(request);
    await this.conferences.takeOver(caller, { eveningId: id }, body['from'] ?? '', providerOf(body));
    back(response, id);
  }

  @Post('evenings/:id/timeslots/:slot/take-over')
  @Allow(['teacher'])
  async takeOver(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Param('slot') slot: string,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    const body = formOf(request);
    await this.conferences.takeOver(caller, { timeslotId: slot }, body['from'] ?? '', providerOf(body));
    back(response, id);
  }

  @Post('evenings/:id/timeslots/:slot/retry')
  @Allow(['teacher', 'admin'])
  async retry(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Param('slot') slot: string,
    @Res() response: Response,
  ) {
    await this.conferences.retry(caller, slot);
    back(response, id);
  }

  @Post('evenings/:id/timeslots/:slot/remove')
  @Allow(['teacher', 'admin'])
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Param('slot') slot: string,
    @Res() response: Response,
  ) {
    await this.conferences.remove(caller, slot);
    back(response, id);
  }

  @Get('assets/:name')
  @Allow('public')
  asset(@Param('name') name: string, @Res() response: Response) {
    const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name as keyof typeof ASSETS] : null;
    if (!asset) throw new Problem(404, 'There is no such file.');
    response.setHeader('Cache-Control', 'public, max-age=300').type(asset.contentType).send(asset.body);
  }

  @Get('favicon.ico')
  @Allow('public')
  favicon(@Res() response: Response) {
    response.status(204).setHeader('Cache-Control', 'public, max-age=86400').end();
  }

  /** A page load is a visit. Answers what this browser has connected. */
  private async here(caller: Caller, request: CalledRequest, response: Response) {
    if (caller.via !== 'session' || !hasRole(caller, 'teacher')) return new Map();
    const visit = await this.visits.visit(caller.personId, cookiesOf(request), true);
    setCookies(response, visit.cookies);
    return new Map(visit.logins.map(({ login, account }) => [login, account.email]));
  }

  /** Of whom nothing is left here but meetings in the own account. */
  private async erasureOf(caller: Caller): Promise<Pick<HomeModel, 'erasure'>> {
    const erasure = hasRole(caller, 'teacher') ? await this.erasures.own(caller) : null;
    return erasure?.state === 'waiting_for_owner' ? { erasure: { id: erasure.id, meetings: erasure.waiting } } : {};
  }

  private async eveningsOf(caller: Caller): Promise<NonNullable<HomeModel['evenings']>> {
    const school = caller.schoolId!;
    return this.core.database.transaction([school], (em) => this.eveningsIn(em, school, caller));
  }

  private async eveningsIn(em: Em, school: string, caller: Caller): Promise<NonNullable<HomeModel['evenings']>> {
    const deps = this.core.deps();
    const onlyOwn = !hasRole(caller, 'admin');
    const found = await rows(
      em,
      sql<{
        eveningId: string;
      }>`select evening_id from timeslots where school_id = ${school} ${onlyOwn ? sql`and teacher_id = ${caller.personId}` : sql``} group by evening_id order by max(end_at) desc limit ${MOST_EVENINGS}`,
    );
    return Promise.all(
      found.map(async ({ eveningId }) => {
        const slots = (await slotsOfEvening(em, deps, school, eveningId)) ?? [];
        const mine = onlyOwn ? slots.filter((slot) => slot.timeslot.teacherId === caller.personId) : slots;
        const { counts } = progressOf(mine, deps.now);
        return {
          id: eveningId,
          name: (await eveningNameOf(em, this.core.keys, school, eveningId)) ?? '',
          date: slots[0]?.timeslot.startAt ?? deps.now,
          timeZone: slots[0]?.school.timeZone ?? 'UTC',
          total: counts.total,
          ready: counts.ready,
          needsOwner: counts.needsOwner,
        };
      }),
    );
  }
}

const formOf = (request: CalledRequest) => (request.body ?? {}) as Record<string, string | undefined>;

function providerOf(body: Record<string, string | undefined>): ProviderName {
  const provider = PROVIDERS.find((name) => name === body['provider']);
  if (!provider)
    throw new Problem(422, 'Choose Google Meet or Microsoft Teams.', [
      { pointer: '/provider', detail: `must be ${PROVIDERS.join(' or ')}` },
    ]);
  return provider;
}

const back = (response: Response, eveningId: string) =>
  response.redirect(303, `/evenings/${encodeURIComponent(eveningId)}`);
