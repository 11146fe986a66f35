import { Body, Controller, Get, Inject, Param, Patch, Query, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Allow, CurrentCaller } from '../http/access.js';
import { type CalledRequest, type Caller, hasRole } from '../http/caller.js';
import { frameOf } from '../http/problem.filter.js';
import { Problem } from '../http/problem.js';
import { pageRoutes, renderDataPage } from '../pages/index.js';
import { PeopleService } from './people.service.js';
import { readCorrection } from './read-correction.js';

/** See, take along and correct (R13). Open to everybody for the own id; whose data else a caller may see: `view-of.ts`. */
@Controller('v1/people')
export class PeopleController {
  constructor(@Inject(PeopleService) private readonly people: PeopleService) {}

  @Get(':id/data')
  @Allow('anyone')
  async data(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    const data = await this.people.look(caller, id, 'person.looked-at', () => caller.reason);
    response.vary('Accept');
    if (request.accepts(['json', 'html']) === 'html')
      return void response.type('html').send(
        renderDataPage({
          frame: frameOf(request),
          data,
          isOwn: caller.personId === id,
          ...(hasRole(caller, 'privacy') && { endSessions: pageRoutes.endSessions(id) }),
          own: null,
        }),
      );
    response.json(data);
  }

  @Get(':id/export')
  @Allow('anyone')
  async export(
    @CurrentCaller() caller: Caller,
    @Param('id') id: string,
    @Query('format') format: unknown,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    if (format !== undefined && format !== 'json' && format !== 'html')
      throw new Problem(422, 'There is no such format.', [{ pointer: '/format', detail: 'must be json or html' }]);
    const data = await this.people.look(caller, id, 'person.exported', () => caller.reason);
    const isPage = format === 'html';
    const isOwn = caller.personId === id;
    // Names of files end up in lists that others see: nobody is named there.
    response.attachment(`${isOwn ? 'my-data' : 'personal-data'}.${isPage ? 'html' : 'json'}`);
    const frame = { ...frameOf(request), signedInAs: null };
    if (isPage) response.send(renderDataPage({ frame, data, isOwn, own: null }));
    else response.send(`${JSON.stringify(data, null, 2)}\n`);
  }

  @Patch(':id')
  @Allow('anyone')
  async correct(@CurrentCaller() caller: Caller, @Param('id') id: string, @Body() body: unknown) {
    await this.people.correct(caller, id, readCorrection(body), () => caller.reason);
    const { person, asParent } = await this.people.after(caller, id);
    return { id, person, asParent };
  }
}
