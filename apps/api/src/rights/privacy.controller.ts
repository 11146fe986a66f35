import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { whatWeStore } from '#libs/privacy';
import { Core } from '../core.js';
import { Allow, CurrentCaller } from '../http/access.js';
import type { CalledRequest, Caller } from '../http/caller.js';
import { frameOf } from '../http/problem.filter.js';
import { trueOrFalse } from '../http/true-or-false.js';
import { pageRoutes, renderDataPage, renderPrivacyPage, renderStoredPage, uiTexts } from '../pages/index.js';
import { PeopleService } from './people.service.js';
import { readCorrection } from './read-correction.js';

const NO_REASON = () => '';

/** What people read about their data: the statement, the list of what is kept, and their own page. */
@Controller()
export class PrivacyController {
  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(PeopleService) private readonly people: PeopleService,
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
    const data = await this.people.look(caller, caller.personId, 'person.looked-at', NO_REASON);
    const saved = trueOrFalse(request.query['saved'], 'saved');
    response.type('html').send(renderDataPage({ frame: frameOf(request), data, correct: { saved } }));
  }

  @Post('me/data')
  @Allow('anyone')
  async correctOwn(@CurrentCaller() caller: Caller, @Req() request: CalledRequest, @Res() response: Response) {
    await this.people.correct(caller, caller.personId, readCorrection(request.body), NO_REASON);
    response.redirect(303, `${pageRoutes.ownData}?saved=true`);
  }
}
