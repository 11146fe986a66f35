import { tombstoneOf, type BlindIndex } from '#libs/encryption';
import { rows, sql, type Em } from '#libs/database';
import type { ProviderName } from '#libs/providers';
import { isFinished } from '../model.js';
import { SlotStore, type SlotRef } from '../slot-store.js';
import { forgetMeeting, giveUp, type Subject } from './erase-person.js';

/** How many meetings of an erased person are still to be removed at the provider. */
export async function meetingsLeft(em: Em, { schoolId, personId }: Subject): Promise<number> {
  const [row] = await rows(
    em,
    sql<{ count: number }>`select count(*) as count from meetings
    where school_id = ${schoolId} and owner_id = ${personId} and state not in ('gone', 'over')`,
  );
  return row!.count;
}

/** At which providers they are. */
export async function providersLeft(em: Em, { schoolId, personId }: Subject): Promise<ProviderName[]> {
  const found = await rows(
    em,
    sql<{ provider: ProviderName }>`select distinct provider from meetings
    where school_id = ${schoolId} and owner_id = ${personId} and state not in ('gone', 'over') order by provider`,
  );
  return found.map(({ provider }) => provider);
}

/**
 * The person's id leaves the meetings. What is still at the provider is given up: nothing that could find it stays.
 * @returns how many were given up
 */
export async function forgetOwner(em: Em, deps: { index: BlindIndex; now: Date }, subject: Subject): Promise<number> {
  const { schoolId, personId } = subject;
  const refs = await rows(
    em,
    sql<SlotRef>`select distinct school_id, timeslot_id from meetings where school_id = ${schoolId} and owner_id = ${personId}`,
  );
  const store = await SlotStore.load(em, deps.index, refs, true);
  const tombstone = tombstoneOf(deps.index, schoolId, personId);
  let givenUp = 0;
  for (const slot of store.slots.values()) {
    for (const meeting of slot.meetings.filter(({ ownerId }) => ownerId === personId)) {
      if (!isFinished(meeting)) givenUp += 1;
      giveUp(meeting, 'left-at-provider');
      forgetMeeting(meeting, tombstone);
    }
  }
  await store.save(deps.now);
  await rows(em, sql`delete from calendars where school_id = ${schoolId} and owner_id = ${personId}`);
  return givenUp;
}
