import type { BlindIndex, Sealed, Secret } from '#libs/encryption';
import { type DataKeys, type Em, rows, sql } from '#libs/database';
import type { MeetingState } from '../model.js';
import { ownerLane } from '../slot-store.js';

// The place (a calendar of our own) that an account's meetings are made in, one per account and school. The account's
// lane keeps two workers from making two.

interface PlaceDeps {
  readonly keys: DataKeys;
  readonly index: BlindIndex;
}

/** With the school's key loaded. `place` undefined: this account has none yet and the provider may need one. */
export async function placeOf(
  em: Em,
  { keys, index }: PlaceDeps,
  meeting: MeetingState,
  now: Date,
): Promise<{ place: Secret | null | undefined; restsUntil: Date | null }> {
  const { provider, ownerId } = meeting;
  const [row] = await rows(
    em,
    sql<{
      isKnown: boolean | null;
      placeSealed: Sealed | null;
      restsUntil: Date | null;
    }>`select c.school_id is not null as is_known, c.place_sealed, (select max(until) from pauses
          where scope in (${provider}, ${ownerLane(index, provider, ownerId)}) and until > ${now}) as rests_until
        from (select) one left join calendars c on c.school_id = ${meeting.schoolId} and c.account_index = ${meeting.accountIndex}`,
  );
  const { isKnown, placeSealed, restsUntil } = row!;
  const place = placeSealed === null ? null : await keys.open(placeSealed, placeContext(meeting));
  return { place: isKnown ? place : undefined, restsUntil };
}

/** Remembers a place that was just made, unless one is known. `place` null: this provider needs none. */
export async function keepPlace(em: Em, keys: DataKeys, meeting: MeetingState, place: Secret | null): Promise<void> {
  const sealed = place === null ? null : await keys.seal(place.reveal(), placeContext(meeting));
  await rows(
    em,
    sql`insert into calendars (school_id, account_index, owner_id, place_sealed) values (${meeting.schoolId}, ${meeting.accountIndex}, ${meeting.ownerId}, ${sealed})
        on conflict (school_id, account_index) do nothing`,
  );
}

/** The teacher deleted our calendar: the next try makes a new one. */
export const forgetPlace = (em: Em, meeting: MeetingState) =>
  rows(
    em,
    sql`delete from calendars where school_id = ${meeting.schoolId} and account_index = ${meeting.accountIndex}`,
  );

const placeContext = (meeting: Pick<MeetingState, 'schoolId' | 'accountIndex'>) => ({
  table: 'calendars',
  column: 'place_sealed',
  row: meeting.accountIndex?.toString('hex') ?? '',
  school: meeting.schoolId,
});
