import {
  SlotStore,
  conferenceView,
  isEntitled,
  joinTokensOf,
  profilesOf,
  type ConferenceStatus,
  type SlotRef,
} from '#libs/conferences';
import { type Em, rows, sql } from '#libs/database';
import { Secret } from '#libs/encryption';
import type { Core } from '../core.js';

export interface ParentConference {
  readonly timeslotId: string;
  readonly start: Date;
  readonly end: Date;
  readonly timeZone: string;
  readonly status: ConferenceStatus | null;
  readonly joinable: boolean;
  readonly teacherName: string;
  /** Absolute, as the mail carries it. */
  readonly joinLink: Secret;
}

/** A parent's own slots, in order of start, and no other (R6). */
export function conferencesOfParent(core: Core, schoolId: string, personId: string): Promise<ParentConference[]> {
  return core.database.transaction([schoolId], (em) => read(em, core, schoolId, personId));
}

async function read(em: Em, core: Core, schoolId: string, personId: string): Promise<ParentConference[]> {
  const { index, keys, now } = core.deps();
  const refs = await rows(
    em,
    sql<SlotRef>`select school_id, timeslot_id from timeslot_parents where school_id = ${schoolId} and person_id = ${personId} and assigned`,
  );
  const store = await SlotStore.load(em, index, refs, false);
  const slots = [...store.slots.values()].filter((slot) =>
    slot.parents.some((parent) => parent.personId === personId && isEntitled(parent)),
  );
  const tokens = await joinTokensOf(
    em,
    keys,
    schoolId,
    personId,
    slots.map((slot) => slot.timeslot.id),
  );
  const teachers = await profilesOf(
    em,
    keys,
    schoolId,
    slots.map((slot) => slot.timeslot.teacherId),
  );
  return slots
    .map((slot): ParentConference => {
      const { status, joinable } = conferenceView(slot, now);
      return {
        timeslotId: slot.timeslot.id,
        start: slot.timeslot.startAt,
        end: slot.timeslot.endAt,
        timeZone: slot.school.timeZone,
        status,
        joinable,
        teacherName: teachers.get(slot.timeslot.teacherId)?.name ?? '',
        joinLink: new Secret(joinLinkOf(core.settings.appUrl, tokens.get(slot.timeslot.id) ?? '')),
      };
    })
    .sort((a, b) => a.start.getTime() - b.start.getTime());
}

export const joinLinkOf = (appUrl: string, token: string) => `${appUrl}/j/${token}`;
