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
      isKnown: boolean;
      placeSealed: Sealed | null;
      restsUntil: Date | null;
    }>`select coalesce(not c.gone, false) as is_known, c.place_sealed, (select max(until) from pauses
          where scope in (${provider}, ${ownerLane(index, provider, ownerId)}) and until > ${now}) as rests_until
        from (select) one left join calendars c on c.school_id = ${meeting.schoolId} and c.account_index = ${meeting.accountIndex}`,
  );
  const { isKnown, placeSealed, restsUntil } = row!;
  const place = placeSealed === null ? null : await keys.open(placeSealed, placeContext(meeting));
  return { place: isKnown ? place : undefined, restsUntil };
}

/** Remembers a place that was just made, unless one is known. `place` null: this provider needs none. */
export async function keepPlace(
  em: Em,
  keys: DataKeys,
  meeting: MeetingState,
  place: Secret | null,
  now: Date,
): Promise<void> {
  const sealed = place === null ? null : await keys.seal(place.reveal(), placeContext(meeting));
  await rows(
    em,
    sql`insert into calendars (school_id, account_index, owner_id, place_sealed, made_at) values (${meeting.schoolId}, ${meeting.accountIndex}, ${meeting.ownerId}, ${sealed}, ${now})
        on conflict (school_id, account_index) do update set place_sealed = excluded.place_sealed, owner_id = excluded.owner_id,
          made_at = excluded.made_at, remade = calendars.remade + 1, gone = false
        where calendars.gone`,
  );
}

/** Each next time a place must be four times as old before another is made: 15 s, a minute … an hour. */
const KEEP_FOR_S = 15;
const KEEP_FOR_MAX_S = 3_600;

/**
 * The teacher deleted our calendar: the next try makes a new one. One that is not found soon after it was made may only
 * be late to appear, and whoever makes 60 may not write for hours (providers.md §1.4).
 * @returns null, or until when this account's work waits for the one that it has
 */
export async function forgetPlace(em: Em, meeting: MeetingState, now: Date): Promise<Date | null> {
  const [young] = await rows(
    em,
    sql<{ until: Date | null }>`with place as (
        select school_id, account_index, made_at + least(${KEEP_FOR_S} * power(4, least(remade, 9)), ${KEEP_FOR_MAX_S}) * interval '1 second' as until
        from calendars where school_id = ${meeting.schoolId} and account_index = ${meeting.accountIndex} and not gone for update
      ), forgotten as (
        update calendars c set gone = true, place_sealed = null from place p
        where c.school_id = p.school_id and c.account_index = p.account_index and p.until <= ${now}
      )
      select until from place where until > ${now}`,
  );
  return young?.until ?? null;
}

const placeContext = (meeting: Pick<MeetingState, 'schoolId' | 'accountIndex'>) => ({
  table: 'calendars',
  column: 'place_sealed',
  row: meeting.accountIndex?.toString('hex') ?? '',
  school: meeting.schoolId,
});
