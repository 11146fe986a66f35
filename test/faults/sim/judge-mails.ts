import { rows, sql } from '#libs/database';
import type { ArrivedMail, MailServer } from './mail-server.js';
import { SCHOOL } from './who.js';
import type { World } from './world.js';

/** Each entitled parent heard each thing once, in order, and the last word is true (invariant 4). */
export async function judgeMails(world: World, { mails, attempts, refused }: MailServer): Promise<void> {
  const attempted = await world.database.transaction([SCHOOL], (em) =>
    rows(
      em,
      sql<{ timeslotId: string; personId: string; sequence: number; state: string }>`
      select timeslot_id, person_id, sequence, state from deliveries where channel = 'email' and attempted_at is not null`,
    ),
  );
  const byUid = new Map<string, ArrivedMail[]>();
  for (const mail of mails) byUid.set(mail.uid, [...(byUid.get(mail.uid) ?? []), mail]);
  for (const slot of world.wished.slots.values()) {
    const row = await world.slot(slot.id);
    for (const parent of slot.parents) {
      if (
        refused.has(parent) ||
        !world.wished.isEntitled(slot, parent) ||
        slot.end <= world.instant ||
        !world.wished.isPresent(slot.wish?.owner ?? '')
      )
        continue;
      const uid = world.uidOf(slot, parent);
      const heard = byUid.get(uid) ?? [];
      const last = heard.at(-1);
      if (world.wished.isWanted(slot)) {
        if (!last)
          world.violation(
            `I4 ${parent} never heard of ${slot.id} (${JSON.stringify(row?.parents.find((one) => one.personId === parent)?.told)})`,
          );
        else if (last.method === 'CANCEL') world.violation(`I4 ${parent} believes that ${slot.id} is off`);
        else if (last.start !== slot.start) world.violation(`I4 ${parent} was told another time of ${slot.id}`);
      } else if (last && last.method !== 'CANCEL') world.violation(`I4 ${parent} believes that ${slot.id} is on`);
    }
  }
  for (const [uid, heard] of byUid) {
    const first = new Map<string, ArrivedMail>();
    for (const mail of heard) if (!first.has(mail.messageId)) first.set(mail.messageId, mail);
    const messages = [...first.values()];
    for (const [n, mail] of messages.entries()) {
      const before = messages[n - 1];
      if (!before) continue;
      if (mail.sequence <= before.sequence)
        world.violation(`I4 SEQUENCE fell from ${before.sequence} to ${mail.sequence} for ${mail.to}`);
      const own = attempted.filter(({ timeslotId, personId }) => world.uidOf({ id: timeslotId }, personId) === uid);
      const isNext = !own.some(({ sequence }) => sequence > before.sequence && sequence < mail.sequence);
      const former = own.find(({ sequence }) => sequence === before.sequence);
      // Where another was attempted in between, or the former more than once, what arrived unseen may have said
      // something else, and this one takes it back. One whose worker died with it, and which was overtaken before it
      // could be repeated, nobody knows to have arrived.
      if (
        isNext &&
        former?.state !== 'dropped' &&
        attempts.get(before.messageId) === 1 &&
        mail.method === before.method &&
        mail.facts === before.facts
      )
        world.violation(`I4 ${mail.to} heard nothing new (${uid.slice(0, 6)})`);
      if (mail.text === before.text) world.violation(`I4 ${mail.to} heard the same twice (${uid.slice(0, 6)})`);
    }
  }
}
