import { Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Core } from '../core.js';
import { ConferencesService, schoolId } from '../conferences/conferences.service.js';
import { PageQuery } from '../conferences/bodies.js';
import { Allow, CurrentCaller } from '../http/access.js';
import type { CalledRequest, Caller } from '../http/caller.js';
import { cookiesOf, setCookies } from '../http/cookies.js';
import { Problem } from '../http/problem.js';
import { conferencesOfParent } from '../join/parent-conferences.js';
import { VisitsService } from './visits.service.js';

/** What everybody may ask about themselves. */
@Controller('v1')
export class MeController {
  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(VisitsService) private readonly visits: VisitsService,
    @Inject(ConferencesService) private readonly conferences: ConferencesService,
  ) {}

  @Get('me')
  @Allow('anyone')
  async me(@CurrentCaller() caller: Caller, @Req() request: CalledRequest) {
    // Login cookies count only in the session of their person.
    const logins = caller.via === 'session' ? await this.visits.connected(caller.personId, cookiesOf(request)) : [];
    return {
      person: { id: caller.personId, name: caller.name, email: caller.email, locale: caller.locale },
      roles: caller.roles,
      school: caller.schoolId === null ? null : { id: caller.schoolId },
      logins: logins.map(({ login, account }) => ({ login, account: account.email })),
      needsOwner: caller.schoolId === null ? 0 : await this.conferences.needsOwner(caller),
    };
  }

  @Post('visits')
  @Allow('anyone')
  @HttpCode(200)
  async visit(
    @CurrentCaller() caller: Caller,
    @Req() request: CalledRequest,
    @Res({ passthrough: true }) response: Response,
  ) {
    const visit =
      caller.via === 'session'
        ? await this.visits.visit(caller.personId, cookiesOf(request))
        : { resumed: 0, cookies: [] };
    setCookies(response, visit.cookies);
    return { resumed: visit.resumed, needsOwner: await this.conferences.needsOwner(caller, true) };
  }

  @Get('me/conferences')
  @Allow(['parent'])
  async mine(
    @CurrentCaller() caller: Caller,
    @Query() query: PageQuery,
    @Res({ passthrough: true }) response: Response,
  ) {
    const limit = query.limit ?? 50;
    if (!/^\d{1,9}$/.test(query.after ?? '0'))
      throw new Problem(422, 'The cursor is not one of ours.', [
        { pointer: '/after', detail: 'must be what the Link header of the last answer said' },
      ]);
    const offset = Number(query.after ?? '0');
    const all = await conferencesOfParent(this.core, schoolId(caller), caller.personId);
    if (all.length > offset + limit)
      response.setHeader(
        'Link',
        `<${this.core.settings.appUrl}/v1/me/conferences?limit=${limit}&after=${offset + limit}>; rel="next"`,
      );
    return {
      rows: all.slice(offset, offset + limit).map((row) => ({
        timeslotId: row.timeslotId,
        start: row.start.toISOString(),
        end: row.end.toISOString(),
        status: row.status,
        joinable: row.joinable,
        teacher: { name: row.teacherName },
        joinLink: row.joinLink.reveal(),
      })),
    };
  }
}
