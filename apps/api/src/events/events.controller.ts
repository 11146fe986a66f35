import { Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { schoolsOf } from '#libs/database';
import {
  ConflictingEvent,
  SeenMeanwhile,
  schoolsNamedBy,
  takeIn,
  type IncomingEvent,
  type IntakeStatus,
} from '#libs/conferences';
import { Core } from '../core.js';
import { Allow, CurrentCaller } from '../http/access.js';
import type { CalledRequest, Caller } from '../http/caller.js';
import { mediaTypeOf } from '../http/media-type.js';
import { Problem, notFound } from '../http/problem.js';
import { RateLimits } from '../http/rate-limits.js';
import { AuditTrail, actorOf } from '../rights/audit-trail.js';
import { eventTimeline } from './event-timeline.js';
import { BATCH, STRUCTURED, readEvents } from './read-events.js';
import { NotSigned, SignedBodies } from './signed-bodies.js';

/** Takes in what the parent-meetings module says. Answered after commit; Redis and the providers are not touched (P13). */
@Controller('v1/events')
export class EventsController {
  private readonly bodies: SignedBodies;

  constructor(
    @Inject(Core) private readonly core: Core,
    @Inject(AuditTrail) private readonly trail: AuditTrail,
    @Inject(RateLimits) private readonly limits: RateLimits,
  ) {
    this.bodies = new SignedBodies(core.settings.eventSecrets);
  }

  @Post()
  @Allow('public')
  @HttpCode(202)
  async takeIn(@Req() request: CalledRequest) {
    refuseOtherTypes(request);
    const body = await this.signedBody(request);
    const isBatch = mediaTypeOf(request) === BATCH;
    const events = await readEvents(body, isBatch, { index: this.core.index, now: this.core.clock.now() });
    const statuses = await this.commit(events, isBatch);
    for (const [place, event] of events.entries())
      this.core.metrics.events.inc({ type: event.type, status: statuses[place]! });
    return {
      results: events.map((event, place) => ({ id: event.id, status: statuses[place], url: this.urlOf(event) })),
    };
  }

  /** "What happened to my event?" */
  @Get(':source/:id')
  @Allow(['support', 'ops'])
  async timeline(@CurrentCaller() caller: Caller, @Param('source') source: string, @Param('id') id: string) {
    const { reason } = caller;
    // Support looks within its school; ops belong to none and see ids and states of all.
    const found = await this.core.database.transaction(
      caller.schoolId === null ? schoolsOf.event(source, id) : [caller.schoolId],
      (em) => eventTimeline(em, source, id, caller.schoolId),
    );
    if (!found) throw notFound();
    await this.trail.note({
      schoolId: found.schoolId,
      action: 'event.looked-at',
      actor: actorOf(caller, 'support', 'ops'),
      reason,
      detail: { event: id },
    });
    return found.timeline;
  }

  /**
   * Only what does not verify is counted, after that is known: at most the refusal changes, from 401 to 429. Nothing that
   * is signed is refused or delayed for its address, since a whole school may stand behind one.
   */
  private async signedBody(request: CalledRequest): Promise<Buffer> {
    try {
      return await this.bodies.read(request);
    } catch (error) {
      if (error instanceof NotSigned) await this.limits.countRefusedIntake(request);
      throw error;
    }
  }

  private async commit(events: readonly IncomingEvent[], isBatch: boolean, isAgain = false): Promise<IntakeStatus[]> {
    if (events.length === 0) return [];
    try {
      return await this.core.intake(schoolsNamedBy(events), async (em) => {
        const now = this.core.clock.now();
        const { statuses, slots } = await takeIn(em, { keys: this.core.keys, index: this.core.index, now }, events);
        await this.core.notices.plan(em, slots, now);
        return statuses;
      });
    } catch (error) {
      if (error instanceof ConflictingEvent)
        throw new Problem(409, 'An event was seen before with another body. Nothing was taken in.', [
          { pointer: isBatch ? `/${error.position}/id` : '/id', detail: error.message },
        ]);
      if (error instanceof SeenMeanwhile && !isAgain) return this.commit(events, isBatch, true);
      throw error;
    }
  }

  private urlOf(event: IncomingEvent): string {
    return `${this.core.settings.appUrl}/v1/events/${encodeURIComponent(event.source)}/${encodeURIComponent(event.id)}`;
  }
}

/** Judged before the size (contract). Binary mode is refused, since its headers are not signed. @throws Problem 415 */
function refuseOtherTypes(request: CalledRequest): void {
  const type = mediaTypeOf(request);
  const charset = /charset="?([\w-]+)/i.exec(request.headers['content-type'] ?? '')?.[1]?.toLowerCase() ?? 'utf-8';
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if ((type !== STRUCTURED && type !== BATCH) || charset !== 'utf-8' || encoding !== 'identity')
    throw new Problem(415, `Send ${STRUCTURED} or ${BATCH} in UTF-8, not compressed.`);
}
