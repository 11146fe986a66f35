import type { BlindIndex, Sealed } from '#libs/encryption';
import { type DataKeys, type Em, rows, sql } from '#libs/database';
import type { ProviderName } from '#libs/providers';
import { joinTokensOf } from './join.js';
import { openMade } from './meeting-work/made.js';
import { accountContext } from './meeting-work/sealed-contexts.js';
import { contactsOf, profilesOf } from './people.js';

/** Everything that one school's rows hold about one person, opened. Nobody else's data: teachers by name only. */
export interface PersonData {
  readonly person: {
    readonly name: string;
    readonly email: string;
    readonly locale: string;
    /** When the event was sent that it came from. */
    readonly toldAt: Date;
    readonly correctedAt: Date | null;
    readonly leftAt: Date | null;
  } | null;
  /** Named by the school for questions. */
  readonly contact: { readonly name: string; readonly email: string; readonly role: string } | null;
  readonly asParent: readonly ParentSlot[];
  readonly asTeacher: readonly {
    readonly timeslotId: string;
    readonly start: Date;
    readonly end: Date;
    readonly status: string;
  }[];
  readonly meetings: readonly OwnMeeting[];
  readonly messages: readonly {
    readonly kind: string;
    readonly channel: string;
    readonly state: string;
    readonly timeslotId: string | null;
    readonly createdAt: Date;
    readonly sentAt: Date | null;
  }[];
}

export interface ParentSlot {
  readonly timeslotId: string;
  readonly start: Date;
  readonly end: Date;
  readonly status: string;
  readonly assigned: boolean;
  readonly teacher: string;
  /** The child's first name. */
  readonly about: string | null;
  readonly household: string | null;
  /** Was this parent sent to the meeting's URL? */
  readonly shown: boolean;
  /** The secret of the own join link. */
  readonly token: string | null;
}

export interface OwnMeeting {
  readonly timeslotId: string;
  readonly provider: ProviderName;
  readonly state: string;
  readonly account: string | null;
  readonly meetingId: string | null;
  readonly url: string | null;
  readonly createdAt: Date;
}

interface Deps {
  readonly keys: DataKeys;
  readonly index: BlindIndex;
}

/** @returns null where the school holds nothing about this person */
export async function personData(em: Em, deps: Deps, schoolId: string, personId: string): Promise<PersonData | null> {
  const [row] = await rows(
    em,
    sql<{ toldAt: Date; correctedAt: Date | null; leftAt: Date | null; profileSealed: Sealed }>`
    select told_at, corrected_at, left_at, profile_sealed from people where school_id = ${schoolId} and id = ${personId}`,
  );
  const profile = (await profilesOf(em, deps.keys, schoolId, [personId])).get(personId);
  const contact = (await contactsOf(em, deps.keys, schoolId)).find(({ id }) => id === personId);
  const data = {
    person:
      row && profile
        ? {
            name: profile.name,
            email: profile.email,
            locale: profile.locale,
            toldAt: row.toldAt,
            correctedAt: row.correctedAt,
            leftAt: row.leftAt,
          }
        : null,
    contact: contact ? { name: contact.name, email: contact.email, role: contact.role } : null,
    asParent: await parentSlots(em, deps, schoolId, personId),
    asTeacher: await rows(
      em,
      sql<
        PersonData['asTeacher'][number]
      >`select id as timeslot_id, start_at as "start", end_at as "end", status from timeslots
      where school_id = ${schoolId} and teacher_id = ${personId} order by start_at, id`,
    ),
    meetings: await ownMeetings(em, deps, schoolId, personId),
    messages: await rows(
      em,
      sql<
        PersonData['messages'][number]
      >`select kind, channel, state, nullif(timeslot_id, '') as timeslot_id, created_at, sent_at
      from deliveries where school_id = ${schoolId} and person_id = ${personId} order by created_at, id`,
    ),
  };
  const isEmpty =
    !data.person &&
    !data.contact &&
    [data.asParent, data.asTeacher, data.meetings, data.messages].every((list) => list.length === 0);
  return isEmpty ? null : data;
}

async function parentSlots(em: Em, { keys }: Deps, schoolId: string, personId: string): Promise<ParentSlot[]> {
  const found = await rows(
    em,
    sql<{
      timeslotId: string;
      start: Date;
      end: Date;
      status: string;
      teacherId: string;
      assigned: boolean;
      household: string | null;
      aboutSealed: Sealed | null;
      shown: boolean;
    }>`select p.timeslot_id, t.start_at as "start", t.end_at as "end", t.status, t.teacher_id, p.assigned, p.household,
      p.about_sealed, p.revealed_id is not null as shown
    from timeslot_parents p join timeslots t on t.school_id = p.school_id and t.id = p.timeslot_id
    where p.school_id = ${schoolId} and p.person_id = ${personId} order by t.start_at, t.id`,
  );
  if (found.length === 0) return [];
  await keys.load(em, [{ school: schoolId, person: personId }]);
  const ids = found.map(({ timeslotId }) => timeslotId);
  const tokens = await joinTokensOf(em, keys, schoolId, personId, ids);
  const teachers = await profilesOf(
    em,
    keys,
    schoolId,
    found.map(({ teacherId }) => teacherId),
  );
  return Promise.all(
    found.map(async ({ teacherId, aboutSealed, ...slot }): Promise<ParentSlot> => {
      const context = {
        table: 'timeslot_parents',
        column: 'about_sealed',
        row: slot.timeslotId,
        school: schoolId,
        person: personId,
      };
      return {
        ...slot,
        teacher: teachers.get(teacherId)?.name ?? '',
        about: aboutSealed ? (await keys.open(aboutSealed, context)).reveal() : null,
        token: slot.assigned ? (tokens.get(slot.timeslotId) ?? null) : null,
      };
    }),
  );
}

async function ownMeetings(em: Em, { keys }: Deps, schoolId: string, personId: string): Promise<OwnMeeting[]> {
  const found = await rows(
    em,
    sql<{
      id: string;
      schoolId: string;
      timeslotId: string;
      generation: number;
      provider: ProviderName;
      ownerId: string;
      state: string;
      accountSealed: Sealed | null;
      madeSealed: Sealed | null;
      createdAt: Date;
    }>`select id, school_id, timeslot_id, generation, provider, owner_id, state, account_sealed, made_sealed, created_at
    from meetings where school_id = ${schoolId} and owner_id = ${personId} order by created_at, id`,
  );
  if (found.length === 0) return [];
  await keys.load(em, [{ school: schoolId }, { school: schoolId, person: personId }]);
  return Promise.all(
    found.map(async (row): Promise<OwnMeeting> => {
      const made = row.madeSealed && (await openMade(keys, row, row.madeSealed));
      return {
        timeslotId: row.timeslotId,
        provider: row.provider,
        state: row.state,
        account: row.accountSealed ? (await keys.open(row.accountSealed, accountContext(row))).reveal() : null,
        meetingId: made?.id ?? null,
        url: made?.url ?? null,
        createdAt: row.createdAt,
      };
    }),
  );
}
