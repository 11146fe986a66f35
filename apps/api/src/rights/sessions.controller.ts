import { Controller, Delete, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import type { Response } from 'express';
import { isKnownAtSchool } from '#libs/conferences';
import { endSessionsAtSchool, endSessionsEverywhere, recordAudit } from '#libs/privacy';
import { Core } from '../core.js';
import { Allow, CurrentCaller } from '../http/access.js';
import { type Caller, hasRole } from '../http/caller.js';
import { setCookies } from '../http/cookies.js';
import { notFound } from '../http/problem.js';
import { Sessions } from '../http/sessions.js';
import { pageRoutes } from '../pages/index.js';
import { actorOf } from './audit-trail.js';

/**
 * Ends all sessions of a person at once, where a computer or a phone is in other hands: the person's own in all browsers and
 * at all schools; by a privacy officer those at the officer's school. New sign-ins are not prevented: those are the
 * parent-meetings module's to refuse.
 */
@Controller()
export class SessionsController {
  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(Sessions) private readonly sessions: Sessions,
  ) {}

  @Delete('v1/people/:id/sessions')
  @Allow('anyone')
  @HttpCode(204)
  async end(@CurrentCaller() caller: Caller, @Param('id') id: string): Promise<void> {
    await this.endAll(caller, id);
  }

  /** The same from a form. */
  @Post('me/sessions/end')
  @Allow('anyone')
  async endOwn(@CurrentCaller() caller: Caller, @Res() response: Response) {
    await this.endAll(caller, caller.personId);
    setCookies(response, [this.sessions.clear()]);
    response.redirect(303, pageRoutes.home);
  }

  @Post('people/:id/sessions/end')
  @Allow(['privacy'])
  async endOther(@CurrentCaller() caller: Caller, @Param('id') id: string, @Res() response: Response) {
    await this.endAll(caller, id);
    const isSelf = id === caller.personId;
    if (isSelf && caller.via === 'session') setCookies(response, [this.sessions.clear()]);
    response.redirect(303, isSelf ? pageRoutes.home : pageRoutes.personData(id));
  }

  private async endAll(caller: Caller, personId: string): Promise<void> {
    const isSelf = caller.personId === personId;
    const { schoolId } = caller;
    if (!isSelf && (schoolId === null || !hasRole(caller, 'privacy'))) throw notFound();
    await this.core.transaction([schoolId ?? ''], async (em) => {
      const deps = this.core.deps();
      if (!isSelf && !(await isKnownAtSchool(em, { schoolId: schoolId!, personId }))) throw notFound();
      if (isSelf) await endSessionsEverywhere(em, deps.index, personId, deps.now);
      else await endSessionsAtSchool(em, deps.index, [{ personId, schoolId: schoolId! }], deps.now);
      await recordAudit(em, deps, [
        {
          schoolId: schoolId ?? '',
          action: 'sessions.ended',
          actor: isSelf ? { kind: 'person', id: personId, role: 'self' } : actorOf(caller, 'privacy'),
          subjectId: personId,
          ...(!isSelf && { reason: caller.reason }),
        },
      ]);
    });
  }
}
