import { Inject, Injectable } from '@nestjs/common';
import {
  checkpointOf,
  conferenceRows,
  lightOf,
  profilesOf,
  progressOf,
  retryConference,
  slotOf,
  slotsOfEvening,
  takeOver,
  unwantConference,
  waitingFor,
  wantConferences,
  type ConferenceRow,
  type Counts,
  type Cursor,
  type Slot,
} from '#libs/conferences';
import { schoolsOf, type Em } from '#libs/database';
import { recordAudit, type AuditAction } from '#libs/privacy';
import type { ProviderName } from '#libs/providers';
import { Core } from '../core.js';
import { type Caller, hasRole } from '../http/caller.js';
import { notFound } from '../http/problem.js';
import { actorOf } from '../rights/audit-trail.js';

export interface Progress extends Counts {
  readonly perTeacher: readonly ({ readonly teacher: { readonly id: string; readonly name: string } } & Counts)[];
}

/** What teachers, colleagues and admins do, for the API and for the pages alike. Each change is one transaction with its notices and its audit. */
@Injectable()
export class ConferencesService {
  constructor(@Inject(Core) private readonly core: Core) {}

  async rowsOfEvening(
    caller: Caller,
    eveningId: string,
    page?: { limit: number; after: Cursor | null },
  ): Promise<ConferenceRow[]> {
    const school = schoolId(caller);
    return this.core.database.transaction([school], async (em) => {
      const slots = await slotsOfEvening(em, this.core.deps(), school, eveningId, page);
      if (!slots) throw notFound();
      return conferenceRows(em, this.core.deps(), school, slots, caller.personId);
    });
  }

  async rowOfTimeslot(caller: Caller, timeslotId: string): Promise<ConferenceRow> {
    const school = schoolId(caller);
    return this.core.database.transaction([school], async (em) => {
      const slot = await slotOf(em, this.core.deps(), { schoolId: school, timeslotId });
      if (!slot) throw notFound();
      return (await conferenceRows(em, this.core.deps(), school, [slot], caller.personId))[0]!;
    });
  }

  /** The evening that a slot of this school belongs to. */
  async eveningOf(caller: Caller, timeslotId: string): Promise<string> {
    const school = schoolId(caller);
    const slot = await this.core.database.transaction([school], (em) =>
      slotOf(em, this.core.deps(), { schoolId: school, timeslotId }),
    );
    if (!slot) throw notFound();
    return slot.timeslot.eveningId;
  }

  async progress(caller: Caller, eveningId: string): Promise<Progress> {
    const school = schoolId(caller);
    return this.core.database.transaction([school], async (em) => {
      const slots = await slotsOfEvening(em, this.core.deps(), school, eveningId);
      if (!slots) throw notFound();
      return this.progressOf(em, school, slots);
    });
  }

  private async progressOf(em: Em, school: string, slots: readonly Slot[]): Promise<Progress> {
    const { counts, perTeacher } = progressOf(slots, this.core.clock.now());
    const names = await profilesOf(em, this.core.keys, school, [...perTeacher.keys()]);
    return {
      ...counts,
      perTeacher: [...perTeacher].map(([id, own]) => ({ teacher: { id, name: names.get(id)?.name ?? '' }, ...own })),
    };
  }

  /** P15: green, amber or red, for the evening and per teacher. */
  async readiness(caller: Caller, eveningId: string) {
    const { now } = this.core.deps();
    const school = schoolId(caller);
    const { slots, progress } = await this.core.database.transaction([school], async (em) => {
      const slots = await slotsOfEvening(em, this.core.deps(), school, eveningId);
      if (!slots) throw notFound();
      return { slots, progress: await this.progressOf(em, school, slots) };
    });
    const { perTeacher, ...counts } = progress;
    const next = slots.find((slot) => slot.timeslot.endAt > now);
    const minutesAhead = next ? (next.timeslot.startAt.getTime() - now.getTime()) / 60_000 : 0;
    return {
      checkpoint: next ? checkpointOf(minutesAhead) : null,
      light: lightOf(counts, minutesAhead),
      ...counts,
      perTeacher: perTeacher.map((teacher) => ({ ...teacher, light: lightOf(teacher, minutesAhead) })),
    };
  }

  async want(
    caller: Caller,
    wish: { provider: ProviderName; timeslotIds?: readonly string[]; eveningId?: string; onlyMissing?: boolean },
  ): Promise<number> {
    return this.change(caller, 'conference.wanted', wish.provider, async (em, deps) => {
      const { accepted, slots } = await wantConferences(
        em,
        deps,
        { schoolId: schoolId(caller), personId: caller.personId },
        wish,
      );
      return { slots, result: accepted };
    });
  }

  async remove(caller: Caller, timeslotId: string): Promise<void> {
    await this.change(caller, 'conference.removed', null, async (em, deps) => ({
      slots: await unwantConference(em, deps, { schoolId: schoolId(caller), timeslotId }, changer(caller)),
      result: null,
    }));
  }

  async retry(caller: Caller, timeslotId: string): Promise<void> {
    await this.change(caller, 'conference.retried', null, async (em, deps) => ({
      slots: await retryConference(em, deps, { schoolId: schoolId(caller), timeslotId }, changer(caller)),
      result: null,
    }));
  }

  async takeOver(
    caller: Caller,
    target: { timeslotId: string } | { eveningId: string },
    from: string,
    provider: ProviderName,
  ): Promise<number> {
    return this.change(caller, 'conference.taken-over', provider, async (em, deps) => {
      const slots = await takeOver(
        em,
        deps,
        { schoolId: schoolId(caller), personId: caller.personId },
        target,
        from,
        provider,
      );
      return { slots, result: slots.length };
    });
  }

  /** How many meetings wait for this person's login, in this school or in all. */
  async needsOwner(caller: Caller, everywhere = false): Promise<number> {
    const scope = everywhere ? schoolsOf.person(caller.personId) : [schoolId(caller)];
    const waiting = await this.core.database.transaction(scope, (em) =>
      waitingFor(em, this.core.deps(), caller.personId),
    );
    return waiting.length;
  }

  private change<T>(
    caller: Caller,
    action: AuditAction,
    provider: ProviderName | null,
    work: (em: Em, deps: ReturnType<Core['deps']>) => Promise<{ slots: Slot[]; result: T }>,
  ): Promise<T> {
    return this.core.transaction([schoolId(caller)], async (em) => {
      const deps = this.core.deps();
      const { slots, result } = await work(em, deps);
      await this.core.notices.plan(em, slots, deps.now);
      const actor = actorOf(caller, 'teacher', 'admin');
      await recordAudit(
        em,
        deps,
        slots.map(({ timeslot }) => ({
          schoolId: timeslot.schoolId,
          action,
          actor,
          timeslotId: timeslot.id,
          // Of a teacher's own wish nobody asks why.
          ...(hasRole(caller, 'admin') && { reason: caller.reason }),
          ...(provider && { detail: { provider } }),
        })),
      );
      return result;
    });
  }
}

/** Who belongs to no school has nothing here. */
export function schoolId(caller: Caller): string {
  if (caller.schoolId === null) throw notFound();
  return caller.schoolId;
}

const changer = (caller: Caller) => ({
  schoolId: schoolId(caller),
  personId: caller.personId,
  isAdmin: hasRole(caller, 'admin'),
});
