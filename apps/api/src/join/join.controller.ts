import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { Response } from 'express';
import { hashOfToken, lookAtJoinLink, revealMeeting, type JoinView } from '#libs/conferences';
import { schoolsOf, type Em } from '#libs/database';
import { Secret } from '#libs/encryption';
import { calendarFile, calendarUid, mailTexts, senderAddress } from '#libs/notifications';
import { Core } from '../core.js';
import { Allow, MaybeCaller } from '../http/access.js';
import type { CalledRequest, Caller } from '../http/caller.js';
import { notFound } from '../http/problem.js';
import { RateLimits } from '../http/rate-limits.js';
import { renderJoinPage } from '../pages/index.js';

/** The parent's way in. A join link is a bearer secret: it is never logged, and GET changes nothing, so that mail scanners cannot burn it (P5). */
@Controller('j')
export class JoinController {
  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(RateLimits) private readonly limits: RateLimits,
  ) {}

  @Get(':token')
  @Allow('public')
  async look(
    @Param('token') token: string,
    @MaybeCaller() caller: Caller | null,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    const view = await this.known(
      request,
      this.behind(token, (em) => lookAtJoinLink(em, this.core.deps(), token, personOf(caller))),
    );
    this.page(view, token, request, response);
  }

  @Post(':token')
  @Allow('public')
  @HttpCode(200)
  async join(
    @Param('token') token: string,
    @MaybeCaller() caller: Caller | null,
    @Req() request: CalledRequest,
    @Res() response: Response,
  ) {
    const revealed = await this.known(
      request,
      this.behind(token, (em) => revealMeeting(em, this.core.deps(), token, personOf(caller))),
    );
    if (revealed.url) response.redirect(303, revealed.url);
    else this.page(revealed.view, token, request, response);
  }

  @Get(':token/calendar.ics')
  @Allow('public')
  async calendar(@Param('token') token: string, @Req() request: CalledRequest, @Res() response: Response) {
    const view = await this.known(
      request,
      this.behind(token, (em) => lookAtJoinLink(em, this.core.deps(), token, null)),
    );
    const parent = view.slot.parents.find((candidate) => candidate.personId === view.personId)!;
    const cancelled = view.state.kind === 'cancelled' || view.state.kind === 'removed';
    const { texts } = mailTexts(view.parentLocale, view.school.locale);
    response.type('text/calendar').setHeader('Content-Disposition', 'attachment; filename="meeting.ics"');
    response.send(
      // The entry of the mail: UID, SEQUENCE, METHOD and title are the same, so that who imports both has one. What only the
      // mail may know is left out, since whoever holds the link can ask for this: no parent (ATTENDEE), no child.
      calendarFile({
        method: cancelled ? 'CANCEL' : 'PUBLISH',
        uid: calendarUid(this.core.index, this.core.settings.appUrl, {
          schoolId: view.school.id,
          timeslotId: view.slot.timeslot.id,
          personId: view.personId,
        }),
        sequence: Math.max(0, parent.toldSequence - 1),
        stamp: this.core.clock.now(),
        start: view.slot.timeslot.startAt,
        end: view.slot.timeslot.endAt,
        summary: texts.parent.summary(view.teacher?.name || texts.theTeacher),
        description: [],
        joinLink: new Secret(`${this.core.settings.appUrl}/j/${token}`),
        organizer: { name: view.school.name, address: senderAddress(this.core.settings.mailFrom) },
      }),
    );
  }

  /** A transaction of the school that the token belongs to; an unknown one sees nothing. */
  private behind<T>(token: string, work: (em: Em) => Promise<T>): Promise<T> {
    return this.core.database.transaction(schoolsOf.joinLink(hashOfToken(token)), work);
  }

  /** Unknown, withdrawn and erased tokens answer alike; only they count towards the limit. */
  private async known<T>(request: CalledRequest, found: Promise<T | null>): Promise<T> {
    const view = await found;
    if (view !== null) return view;
    await this.limits.countUnknownToken(request);
    throw notFound();
  }

  private page(view: JoinView, token: string, request: CalledRequest, response: Response): void {
    const { slot, school } = view;
    response.type('html').send(
      renderJoinPage({
        frame: { locale: view.parentLocale, schoolLocale: school.locale, schoolName: school.name, signedInAs: null },
        teacherName: view.teacher?.name ?? '',
        ownerName: view.owner && view.owner.id !== view.teacher?.id ? view.owner.name : null,
        start: slot.timeslot.startAt,
        end: slot.timeslot.endAt,
        timeZone: school.timeZone,
        state: view.state,
        joinPath: new Secret(`/j/${token}`),
      }),
    );
  }
}

const personOf = (caller: Caller | null) =>
  caller?.via === 'session' && caller.schoolId !== null
    ? { schoolId: caller.schoolId, personId: caller.personId }
    : null;
