import { contactsOf, isPresent, presentOf, schoolContacts, slotsOfEvening, waitingFor } from '#libs/conferences';
import { EVERY_SCHOOL, schoolsOf, type DataKeys, type Database, type Em, rows, sql } from '#libs/database';
import type { BlindIndex } from '#libs/encryption';
import { OFFER_MS, OWNER_MAIL_EVERY_MS, isOwnerMailDue } from '../plan/owner-care.js';
import { aloneInLane, writeDeliveries, type NewDelivery } from './new-deliveries.js';
import { awaited, lastOwnerMail, mayHaveArrived, slotsAtRisk } from './staff-mails.js';

interface Deps {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly index: BlindIndex;
}

/** Nobody is told of what parked a moment ago; see plan/owner-care.ts for who hears when. */
const AT_LEAST_MS = 2 * 60_000;
const BATCH = 200;

/**
 * Plans the mails about meetings that wait for their owner (P1): to the owner, to colleagues who could take over, to the
 * school's contacts. Any number of workers may do this at once: an owner's, and an evening's, mails are planned by one
 * at a time, who sees what the others planned.
 * @returns how many mails were planned
 */
export async function planOwnerCare(deps: Deps, now: Date): Promise<number> {
  let planned = 0;
  for (const ownerId of await ownersToTell(deps, now)) planned += await planOwnerMail(deps, ownerId, now);
  for (const evening of await eveningsAtRisk(deps, now)) planned += await planEveningMails(deps, evening, now);
  return planned;
}

/** A first, wide choice, without removals of which the last word was said; what decides is looked at under the lock. */
async function ownersToTell({ database }: Deps, now: Date): Promise<string[]> {
  const found = await database.transaction(EVERY_SCHOOL, (em) =>
    rows(
      em,
      sql<{ ownerId: string }>`
    select m.owner_id from meetings m
    join timeslots t on t.school_id = m.school_id and t.id = m.timeslot_id
    join people p on p.school_id = m.school_id and p.id = m.owner_id and ${isPresent('p')}
    where m.parked_at <= ${new Date(now.getTime() - AT_LEAST_MS)} and m.state = 'parked' and (t.end_at > ${now} or (not m.wished and (m.made_sealed is null or m.url_index is not null)))
      and not exists (select from deliveries d where d.person_id = m.owner_id and d.kind = 'owner-needed' and ${mayHaveArrived}
        and (d.state = 'pending' or coalesce(d.sent_at, d.attempted_at, d.created_at) > ${new Date(now.getTime() - OWNER_MAIL_EVERY_MS)}
          or (not m.wished and d.created_at >= m.parked_at + interval '14 days')))
    group by m.owner_id order by min(t.start_at) limit ${BATCH}`,
    ),
  );
  return found.map(({ ownerId }) => ownerId);
}

function planOwnerMail(deps: Deps, ownerId: string, now: Date): Promise<number> {
  return deps.database.transaction(schoolsOf.person(ownerId), async (em) => {
    await onlyOne(em, `owner-needed ${ownerId}`);
    const waiting = await waitingFor(em, { index: deps.index, now }, ownerId);
    const last = await lastOwnerMail(em, ownerId, now);
    const [first] = waiting;
    if (!first || !isOwnerMailDue(waiting.map(awaited), last, now)) return 0;
    // On behalf of one school; it counts what waits in all.
    const { schoolId, startAt } = first.slot.timeslot;
    return write(em, [
      staffMail({ schoolId, personId: ownerId, eveningId: '', kind: 'owner-needed', createdAt: now, startAt }),
    ]);
  });
}

interface EveningRef {
  readonly schoolId: string;
  readonly eveningId: string;
}

async function eveningsAtRisk({ database }: Deps, now: Date): Promise<EveningRef[]> {
  return database.transaction(EVERY_SCHOOL, (em) =>
    rows(
      em,
      sql<EveningRef>`
    select t.school_id, t.evening_id from meetings m join timeslots t on t.school_id = m.school_id and t.id = m.timeslot_id
    where m.parked_at <= ${new Date(now.getTime() - AT_LEAST_MS)} and m.state = 'parked' and m.wished
      and t.status = 'planned' and t.end_at > ${now} and t.start_at < ${new Date(now.getTime() + OFFER_MS)}
    group by t.school_id, t.evening_id order by min(t.start_at) limit ${BATCH}`,
    ),
  );
}

function planEveningMails(deps: Deps, { schoolId, eveningId }: EveningRef, now: Date): Promise<number> {
  return deps.database.transaction([schoolId], async (em) => {
    await rows(em, sql`select 1 from evenings where school_id = ${schoolId} and id = ${eveningId} for no key update`);
    const slots = (await slotsOfEvening(em, { ...deps, now }, schoolId, eveningId)) ?? [];
    const teachers = slots
      .filter(({ timeslot }) => timeslot.status === 'planned')
      .map((slot) => slot.timeslot.teacherId);
    const colleagues = [...(await presentOf(em, schoolId, teachers))];
    const contacts = schoolContacts(await contactsOf(em, deps.keys, schoolId)).map(({ id }) => id);
    const told = await toldLately(em, { schoolId, eveningId }, [...colleagues, ...contacts], now);
    const recipients = [
      ...colleagues.map((personId) => ({ personId, kind: 'take-over-offer' as const })),
      ...contacts.map((personId) => ({ personId, kind: 'owner-away' as const })),
    ];
    const mails = recipients.flatMap(({ personId, kind }) => {
      const [first] = slotsAtRisk(slots, kind, personId, now);
      if (!first || told.has(`${kind} ${personId}`)) return [];
      return [staffMail({ schoolId, personId, eveningId, kind, createdAt: now, startAt: first.slot.timeslot.startAt })];
    });
    return write(em, mails);
  });
}

/** Who was written to about this evening within a day. */
async function toldLately(
  em: Em,
  { schoolId, eveningId }: EveningRef,
  personIds: readonly string[],
  now: Date,
): Promise<Set<string>> {
  const found = await rows(
    em,
    sql<{ kind: string; personId: string }>`select d.kind, d.person_id from deliveries d
    where d.school_id = ${schoolId} and d.person_id = any(${[...new Set(personIds)]}::text[]) and d.timeslot_id = '' and d.evening_id = ${eveningId}
      and d.kind in ('take-over-offer', 'owner-away') and d.created_at > ${new Date(now.getTime() - OFFER_MS)} and ${mayHaveArrived}`,
  );
  return new Set(found.map(({ kind, personId }) => `${kind} ${personId}`));
}

/** Seconds since here number the mails, and fit into the column for a lifetime. */
const EPOCH_MS = Date.UTC(2020, 0);

/** Whoever plans the same mail at the same moment runs into the unique constraint below the lock. */
const staffMail = (mail: Pick<NewDelivery, 'schoolId' | 'personId' | 'eveningId' | 'kind' | 'createdAt' | 'startAt'>) =>
  aloneInLane({
    ...mail,
    timeslotId: '',
    channel: 'email',
    sequence: Math.floor((mail.createdAt.getTime() - EPOCH_MS) / 1_000),
  });

async function write(em: Em, mails: readonly NewDelivery[]): Promise<number> {
  await writeDeliveries(em, mails);
  return mails.length;
}

const onlyOne = (em: Em, what: string) => rows(em, sql`select pg_advisory_xact_lock(hashtext(${what}))`);
