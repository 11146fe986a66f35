import type { BlindIndex, Sealed } from '#libs/encryption';
import { type DataKeys, type Em, rows, sql } from '#libs/database';
import { isEntitled, isWanted, type Slot } from './model.js';
import { profilesOf, schoolOf, type Profile, type SchoolView } from './people.js';
import { SlotStore, type SlotRef } from './slot-store.js';
import { conferenceView } from './status.js';
import { hashOfToken } from './join-token.js';
import { meetingUrlOf } from './views.js';

/** A join link still opens the meeting this long after the slot's end. */
const AFTER_END_MS = 30 * 60_000;

export type JoinState =
  | { kind: 'open' }
  | { kind: 'early'; opens: Date; minutesBefore: number }
  | { kind: 'over' }
  | { kind: 'cancelled' }
  | { kind: 'removed' }
  | { kind: 'not-ready' }
  | { kind: 'sign-in' };

export interface JoinView {
  readonly state: JoinState;
  readonly slot: Slot;
  readonly school: SchoolView;
  readonly personId: string;
  readonly teacher: Profile | null;
  readonly owner: Profile | null;
  readonly parentLocale: string | null;
}

interface Deps {
  readonly keys: DataKeys;
  readonly index: BlindIndex;
  readonly now: Date;
}

/** What a join link shows at `now`. Pure; entitlement was checked before. */
export function joinState(
  slot: Slot,
  settings: Pick<SchoolView, 'revealMinutes' | 'joinRequiresSignIn'>,
  now: Date,
  isSignedInAsParent: boolean,
): JoinState {
  if (slot.timeslot.status === 'cancelled') return { kind: 'cancelled' };
  if (slot.conference && !isWanted(slot)) return { kind: 'removed' };
  const { revealMinutes } = settings;
  if (revealMinutes !== null && now.getTime() > slot.timeslot.endAt.getTime() + AFTER_END_MS) return { kind: 'over' };
  if (!conferenceView(slot, now).joinable) return { kind: 'not-ready' };
  const opens = revealMinutes === null ? null : new Date(slot.timeslot.startAt.getTime() - revealMinutes * 60_000);
  if (opens && now < opens) return { kind: 'early', opens, minutesBefore: revealMinutes! };
  if (settings.joinRequiresSignIn && !isSignedInAsParent) return { kind: 'sign-in' };
  return { kind: 'open' };
}

/** The slot behind a token; null for unknown, withdrawn and erased ones alike. Changes nothing (P5). */
export async function lookAtJoinLink(
  em: Em,
  deps: Deps,
  token: string,
  caller: { schoolId: string; personId: string } | null,
): Promise<JoinView | null> {
  return find(em, deps, token, caller, false);
}

/**
 * Shows the meeting's URL to a parent who may have it now. The check and the note that this parent was sent there are
 * one locked transaction, so that no unassigning can come between.
 */
export async function revealMeeting(
  em: Em,
  deps: Deps,
  token: string,
  caller: { schoolId: string; personId: string } | null,
): Promise<{ view: JoinView; url: string | null } | null> {
  const view = await find(em, deps, token, caller, true);
  if (!view) return null;
  if (view.state.kind !== 'open') return { view, url: null };
  const { published } = conferenceView(view.slot, deps.now);
  const url = published && (await meetingUrlOf(deps.keys, published));
  if (!published || !url) return { view: { ...view, state: { kind: 'not-ready' } }, url: null };
  await rows(
    em,
    sql`update timeslot_parents set revealed_id = ${published.id} where school_id = ${view.school.id} and timeslot_id = ${view.slot.timeslot.id} and person_id = ${view.personId}`,
  );
  return { view, url };
}

async function find(
  em: Em,
  deps: Deps,
  token: string,
  caller: { schoolId: string; personId: string } | null,
  lock: boolean,
): Promise<JoinView | null> {
  const [link] = await rows(
    em,
    sql<
      SlotRef & { personId: string }
    >`select school_id, timeslot_id, person_id from join_links where token_hash = ${hashOfToken(token)}`,
  );
  if (!link) return null;
  const slot = (await SlotStore.load(em, deps.index, [link], lock)).get(link);
  const parent = slot?.parents.find((candidate) => candidate.personId === link.personId);
  if (!slot || !parent || !isEntitled(parent)) return null;
  const school = await schoolOf(em, deps.keys, link.schoolId);
  if (!school) return null;
  const { shown } = conferenceView(slot, deps.now);
  const people = await profilesOf(em, deps.keys, link.schoolId, [
    slot.timeslot.teacherId,
    link.personId,
    ...(shown ? [shown.ownerId] : []),
  ]);
  if (!people.has(link.personId)) return null;
  const isSelf = caller?.personId === link.personId && caller.schoolId === link.schoolId;
  return {
    state: joinState(slot, school, deps.now, isSelf),
    slot,
    school,
    personId: link.personId,
    teacher: people.get(slot.timeslot.teacherId) ?? null,
    owner: shown ? (people.get(shown.ownerId) ?? null) : null,
    parentLocale: people.get(link.personId)?.locale ?? null,
  };
}

/** The tokens of join links, opened: for the mail and for the parent's own list. Keyed by timeslot id. */
export async function joinTokensOf(
  em: Em,
  keys: DataKeys,
  schoolId: string,
  personId: string,
  timeslotIds: readonly string[],
): Promise<Map<string, string>> {
  const found = await rows(
    em,
    sql<{
      timeslotId: string;
      tokenSealed: Sealed;
    }>`select timeslot_id, token_sealed from join_links where school_id = ${schoolId} and person_id = ${personId} and timeslot_id = any(${[...timeslotIds]}::text[])`,
  );
  await keys.load(em, [{ school: schoolId, person: personId }]);
  const opened = await Promise.all(
    found.map(async (row): Promise<[string, string]> => [
      row.timeslotId,
      (
        await keys.open(row.tokenSealed, {
          table: 'join_links',
          column: 'token_sealed',
          row: row.timeslotId,
          school: schoolId,
          person: personId,
        })
      ).reveal(),
    ]),
  );
  return new Map(opened);
}
