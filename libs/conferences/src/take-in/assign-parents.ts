import { correctedAboutContext } from '../corrected-about.js';
import { hashOfToken, newJoinToken } from '../join-token.js';
import type { Slot } from '../model.js';
import type { Batch } from './batch.js';
import { couldHaveSeen } from './could-have-seen.js';
import type { TimeslotChange } from './incoming-event.js';
import { isPresentIn } from './presence.js';

/** The slot's parents are exactly those that the event names; who is not among them stays known as a former one. */
export async function assignParents(batch: Batch, slot: Slot, change: TimeslotChange, toldAt: Date): Promise<void> {
  const { schoolId, id: timeslotId } = slot.timeslot;
  const named = new Map(change.parents.map((parent) => [parent.id, parent]));
  for (const parent of slot.parents) {
    if (named.has(parent.personId)) continue;
    couldHaveSeen(slot, parent);
    parent.assigned = false;
  }
  for (const person of named.values()) {
    const about = (await correctedAbout(batch, schoolId, person.id, toldAt)) ?? person.about;
    const aboutSealed = about
      ? await batch.keys.seal(about, {
          table: 'timeslot_parents',
          column: 'about_sealed',
          row: timeslotId,
          school: schoolId,
          person: person.id,
        })
      : null;
    const household = person.household ?? null;
    const present = isPresentIn(batch, schoolId, person.id);
    const known = slot.parents.find((parent) => parent.personId === person.id);
    if (known) Object.assign(known, { assigned: true, household, aboutSealed, present });
    else
      slot.parents.push({
        schoolId,
        timeslotId,
        personId: person.id,
        assigned: true,
        household,
        aboutSealed,
        revealedId: null,
        toldSequence: 0,
        told: null,
        heard: null,
        present,
      });
    await giveJoinLink(batch, schoolId, timeslotId, person.id);
  }
}

/** The child's name as the parent corrected it, where that is newer than the event; null where it is not. */
async function correctedAbout(batch: Batch, schoolId: string, personId: string, toldAt: Date): Promise<string | null> {
  const row = batch.person(schoolId, personId);
  if (!row?.aboutAt || !row.aboutSealed || toldAt > row.aboutAt) return null;
  return (await batch.keys.open(row.aboutSealed, correctedAboutContext(schoolId, personId))).reveal();
}

/** One per parent and slot, for good: whoever is assigned again keeps the old one. */
async function giveJoinLink(batch: Batch, schoolId: string, timeslotId: string, personId: string): Promise<void> {
  if (batch.isLinked(schoolId, timeslotId, personId)) return;
  const token = newJoinToken();
  const tokenSealed = await batch.keys.seal(token, {
    table: 'join_links',
    column: 'token_sealed',
    row: timeslotId,
    school: schoolId,
    person: personId,
  });
  batch.addLink({ tokenHash: hashOfToken(token), schoolId, timeslotId, personId, tokenSealed });
}
