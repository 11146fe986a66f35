import { Injectable, Inject } from '@nestjs/common';
import {
  eveningNameOf,
  profilesOf,
  progressOf,
  conferenceRows,
  schoolOf,
  slotsOfEvening,
  noCounts,
  type ConferenceRow,
  type Slot,
} from '#libs/conferences';
import type { Em } from '#libs/database';
import { Secret } from '#libs/encryption';
import { LOGIN_OF, PROVIDERS, type LoginName, type ProviderName } from '#libs/providers';
import { Core } from '../core.js';
import { schoolId } from '../conferences/conferences.service.js';
import { type Caller, hasRole } from '../http/caller.js';
import { notFound } from '../http/problem.js';
import { LOGINS } from '../login/visits.service.js';
import { waitingForReader } from './waiting-model.js';
import { REASONS, type EveningModel, type EveningRow, type Frame, type ReasonName } from './view-models.js';

/** What the browser of a teacher has connected: e-mail address by login. */
export type Connected = ReadonlyMap<LoginName, string>;

/** Gathers what the evening's page shows to one reader. */
@Injectable()
export class EveningModels {
  constructor(@Inject(Core) private readonly core: Core) {}

  async of(caller: Caller, eveningId: string, connected: Connected, frame: Frame): Promise<EveningModel> {
    const deps = this.core.deps();
    const { slots, name, settings, rows, teachers } = await this.core.database.transaction([schoolId(caller)], (em) =>
      this.read(em, caller, eveningId),
    );
    const isTeacher = hasRole(caller, 'teacher') && slots.some((slot) => slot.timeslot.teacherId === caller.personId);
    const progress = progressOf(slots, deps.now);
    const teacherIds = [...new Set(slots.map((slot) => slot.timeslot.teacherId))];
    const visible = rows.filter(
      (_, place) => slots[place]!.timeslot.status === 'planned' || rows[place]!.status !== null,
    );
    const rowOf = (row: ConferenceRow) => this.row(row, caller, connected);
    return {
      frame: { ...frame, schoolName: settings.name, schoolLocale: settings.locale },
      evening: { id: eveningId, name },
      date: slots[0]?.timeslot.startAt ?? deps.now,
      timeZone: settings.timeZone,
      viewerId: caller.personId,
      isTeacher,
      waiting: hasRole(caller, 'teacher') ? await waitingForReader(this.core, caller.personId) : [],
      accounts: LOGINS.map((login) => ({
        login,
        account: connected.has(login) ? new Secret(connected.get(login)!) : null,
      })),
      googleOwnCalendar: this.core.settings.google.scope.endsWith('calendar.app.created'),
      offers: isTeacher
        ? PROVIDERS.filter((provider) => connected.has(LOGIN_OF[provider])).map((provider) =>
            offerOf(provider, slots, rows, caller.personId, deps.now),
          )
        : [],
      progress: progress.counts,
      rows: visible.filter((row) => row.teacherId === caller.personId).map(rowOf),
      colleagues: teacherIds
        .filter((id) => id !== caller.personId)
        .map((id) => {
          const own = visible.filter((row) => row.teacherId === id);
          return {
            teacher: { id, name: teachers.get(id)?.name ?? '' },
            counts: progress.perTeacher.get(id) ?? noCounts(),
            rows: own.map(rowOf),
            takeOver: this.evenings(own, caller, connected, deps.now),
          };
        }),
    };
  }

  private async read(em: Em, caller: Caller, eveningId: string) {
    const deps = this.core.deps();
    const school = schoolId(caller);
    const slots = await slotsOfEvening(em, deps, school, eveningId);
    const name = await eveningNameOf(em, this.core.keys, school, eveningId);
    const settings = await schoolOf(em, this.core.keys, school);
    if (!slots || name === null || !settings) throw notFound();
    const rows = await conferenceRows(em, deps, school, slots, caller.personId);
    const teacherIds = slots.map((slot) => slot.timeslot.teacherId);
    return { slots, name, settings, rows, teachers: await profilesOf(em, this.core.keys, school, teacherIds) };
  }

  private row(row: ConferenceRow, caller: Caller, connected: Connected): EveningRow {
    const mine = row.owner?.id === caller.personId || row.teacherId === caller.personId;
    const mayChange = mine || hasRole(caller, 'admin');
    const live = row.status !== null && row.status !== 'removed' && row.status !== 'removing' && row.status !== 'over';
    return {
      timeslotId: row.timeslotId,
      start: row.start,
      end: row.end,
      status: row.status ?? 'none',
      joinable: row.joinable,
      provider: row.provider,
      owner: shownOwner(row.owner),
      leftIn: shownOwner(row.leftIn),
      reason: (REASONS as readonly string[]).includes(row.reason ?? '') ? (row.reason as ReasonName) : null,
      meetingUrl: row.meetingUrl === null ? null : new Secret(row.meetingUrl),
      can: {
        connect: row.waitsForId === caller.personId && row.status === 'needs_owner',
        retry:
          (mayChange && (row.status === 'failed' || row.status === 'retrying' || row.leftIn !== null)) ||
          row.leftIn?.id === caller.personId,
        remove: mayChange && live,
        takeOver:
          hasRole(caller, 'teacher') && live && row.owner?.id !== caller.personId
            ? PROVIDERS.filter((provider) => connected.has(LOGIN_OF[provider]))
            : [],
      },
    };
  }

  /** Whole evenings that this reader could take over: one form per owner and own login. */
  private evenings(rows: readonly ConferenceRow[], caller: Caller, connected: Connected, now: Date) {
    if (!hasRole(caller, 'teacher')) return [];
    const owners = [
      ...new Set(
        rows
          .filter(
            (row) => row.end > now && row.status !== null && row.status !== 'removed' && row.status !== 'removing',
          )
          .flatMap((row) => row.owner?.id ?? []),
      ),
    ].filter((id) => id !== caller.personId);
    return owners.flatMap((from) =>
      PROVIDERS.filter((provider) => connected.has(LOGIN_OF[provider])).map((provider) => ({ from, provider })),
    );
  }
}

const shownOwner = (owner: ConferenceRow['owner']) =>
  owner && { id: owner.id, name: owner.name, account: new Secret(owner.account ?? '') };

function offerOf(
  provider: ProviderName,
  slots: readonly Slot[],
  rows: readonly ConferenceRow[],
  personId: string,
  now: Date,
) {
  const own = rows.filter(
    (row, place) => row.teacherId === personId && row.end > now && slots[place]!.timeslot.status === 'planned',
  );
  const without = own.filter((row) => row.status === null || row.status === 'removed' || row.status === 'removing');
  const mine = own.filter((row) => !without.includes(row) && row.owner?.id === personId);
  return {
    provider,
    missing: without.length,
    replaceable: mine.filter((row) => row.provider !== provider).length,
    some: own.length - without.length,
  };
}
