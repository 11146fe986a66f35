import {
  type Slot,
  accountContext,
  conferenceView,
  eveningNameOf,
  isEntitled,
  joinTokensOf,
  profilesOf,
  schoolOf,
  slotOf,
  slotsOfEvening,
} from '#libs/conferences';
import { type DataKeys, type Database, type Em, rows, sql } from '#libs/database';
import { type BlindIndex, Secret } from '#libs/encryption';
import { DUE_CHANNEL, clearDue, holdDue, wakeRelay } from '#libs/messaging';
import type { Clock, Timers } from '#libs/platform';
import type { EmailMessage } from '../channels/email-channel.js';
import type { OutgoingEvent } from '../channels/webhook-channel.js';
import type { DeliveryError } from '../channels/delivery-error.js';
import { messageId } from '../channels/message-id.js';
import { renderColleagueDigest } from '../mails/colleague-digest.js';
import { renderParentMail } from '../mails/parent-mail.js';
import type { ParentNoticeKind } from '../plan/plan-parent-notice.js';
import { digestRowsOf } from './plan-digests.js';

/** A message that cannot be delivered is given up after a day. */
const GIVE_UP_MS = 24 * 3_600_000;

interface DeliveryRow {
  id: string;
  schoolId: string;
  personId: string;
  timeslotId: string;
  eveningId: string;
  channel: 'email' | 'webhook';
  kind: string;
  sequence: number;
  failures: number;
  createdAt: Date;
}

export type Composed =
  | { channel: 'email'; message: EmailMessage; kind: string }
  | { channel: 'webhook'; message: OutgoingEvent; kind: string }
  | { channel: 'none'; reason: string };

export interface DeliveryDeps {
  readonly database: Database;
  readonly keys: DataKeys;
  readonly index: BlindIndex;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly appUrl: string;
  readonly mailFrom: string;
}

/** The life of one message: written when it is sent, from what is true then; entitlement is checked again. */
export class DeliveryWork {
  constructor(private readonly deps: DeliveryDeps) {}

  /** The message to send now, or why none; null when it is done already. */
  async begin(deliveryId: string): Promise<Composed | null> {
    const em = this.deps.database.em();
    const now = this.deps.clock.now();
    const [delivery] = await rows(
      em,
      sql<DeliveryRow>`select id, school_id, person_id, timeslot_id, evening_id, channel, kind, sequence, failures, created_at from deliveries where id = ${deliveryId} and state = 'pending'`,
    );
    if (!delivery) {
      await clearDue(em, 'deliveries', [deliveryId]);
      return null;
    }
    const busyUntil = new Date(now.getTime() + this.deps.timers.deliveryClaimMs);
    await holdDue(em, 'deliveries', deliveryId, { dueAt: busyUntil, busyUntil, newRound: true });
    const composed =
      delivery.channel === 'webhook'
        ? await this.announcement(em, delivery, now)
        : delivery.kind === 'digest'
          ? await this.digest(em, delivery, now)
          : await this.parentMail(em, delivery, now);
    if (composed.channel === 'none') await this.end(deliveryId, 'dropped', composed.reason);
    return composed;
  }

  /** The receiver has it. */
  sent(deliveryId: string): Promise<void> {
    return this.end(deliveryId, 'sent', null);
  }

  /** @returns what becomes of it */
  async failed(deliveryId: string, error: DeliveryError): Promise<'retry' | 'given-up'> {
    const now = this.deps.clock.now();
    if (error.word === 'refused') {
      await this.end(deliveryId, 'failed', error.code);
      return 'given-up';
    }
    return this.deps.database.transaction(async (em) => {
      const [row] = await rows(
        em,
        sql<{
          failures: number;
          createdAt: Date;
        }>`update deliveries set failures = failures + 1, reason = ${error.code} where id = ${deliveryId} and state = 'pending' returning failures, created_at`,
      );
      if (!row || now.getTime() - row.createdAt.getTime() > GIVE_UP_MS) {
        await rows(em, sql`update deliveries set state = 'failed' where id = ${deliveryId} and state = 'pending'`);
        await clearDue(em, 'deliveries', [deliveryId]);
        return 'given-up';
      }
      const waitMs = Math.min(15 * 60_000, 2_000 * 2 ** Math.min(row.failures - 1, 12)) * (0.5 + Math.random() / 2);
      await holdDue(em, 'deliveries', deliveryId, { dueAt: new Date(now.getTime() + waitMs), busyUntil: null });
      await wakeRelay(em);
      return 'retry';
    });
  }

  /** One statement: the message's end, its place on the queue, and the word to the relay. */
  private async end(deliveryId: string, state: 'sent' | 'dropped' | 'failed', reason: string | null): Promise<void> {
    const sentAt = state === 'sent' ? this.deps.clock.now() : null;
    await rows(
      this.deps.database.em(),
      sql`with ended as (update deliveries set state = ${state}, reason = ${reason}, sent_at = ${sentAt} where id = ${deliveryId} and state = 'pending'),
        done as (delete from dispatches where queue = 'deliveries' and subject_id = ${deliveryId})
        select pg_notify(${DUE_CHANNEL}, '')`,
    );
  }

  private async parentMail(em: Em, delivery: DeliveryRow, now: Date): Promise<Composed> {
    const { schoolId, timeslotId, personId } = delivery;
    const slot = await slotOf(em, this.deps, { schoolId, timeslotId });
    const parent = slot?.parents.find((candidate) => candidate.personId === personId);
    if (!slot || !parent || !isEntitled(parent)) return { channel: 'none', reason: 'not-entitled' };
    // Each message says what is true when it leaves: after a newer one, an older one would only be out of order.
    const newer = await rows(
      em,
      sql`select 1 from deliveries where school_id = ${schoolId} and person_id = ${personId} and timeslot_id = ${timeslotId}
        and channel = 'email' and kind <> 'digest' and sequence > ${delivery.sequence} and state = 'sent' limit 1`,
    );
    if (newer.length > 0) return { channel: 'none', reason: 'overtaken' };
    const kind = delivery.kind as ParentNoticeKind;
    const view = conferenceView(slot, now);
    const saysItIsOn = kind === 'ready' || kind === 'changed' || kind === 'planned-again';
    // What was true when this was planned may be so no more; a later message says what is.
    if (saysItIsOn && (!view.joinable || parent.told?.cancelled)) return { channel: 'none', reason: 'overtaken' };
    if (!saysItIsOn && view.joinable) return { channel: 'none', reason: 'overtaken' };
    if (slot.timeslot.endAt <= now) return { channel: 'none', reason: 'over' };
    const ownerId = view.shown?.ownerId ?? slot.timeslot.teacherId;
    const people = await profilesOf(em, this.deps.keys, schoolId, [personId, slot.timeslot.teacherId, ownerId]);
    const school = await schoolOf(em, this.deps.keys, schoolId);
    const token = (await joinTokensOf(em, this.deps.keys, schoolId, personId, [timeslotId])).get(timeslotId);
    const recipient = people.get(personId);
    if (!recipient || !school || !token) return { channel: 'none', reason: 'not-entitled' };
    const about = parent.aboutSealed
      ? (
          await this.deps.keys.open(parent.aboutSealed, {
            table: 'timeslot_parents',
            column: 'about_sealed',
            row: timeslotId,
            school: schoolId,
            person: personId,
          })
        ).reveal()
      : null;
    const mail = renderParentMail({
      kind,
      locale: recipient.locale,
      schoolLocale: school.locale,
      schoolName: school.name,
      timeZone: school.timeZone,
      teacherName: people.get(slot.timeslot.teacherId)?.name ?? '',
      ownerName: ownerId === slot.timeslot.teacherId ? null : (people.get(ownerId)?.name ?? null),
      about,
      start: slot.timeslot.startAt,
      end: slot.timeslot.endAt,
      previousStart: null,
      joinLink: new Secret(`${this.deps.appUrl}/j/${token}`),
      revealMinutes: school.revealMinutes,
      privacyUrl: `${this.deps.appUrl}/privacy`,
      parentName: recipient.name,
      parentEmail: new Secret(recipient.email),
      uid: calendarUid(this.deps.index, this.deps.appUrl, { schoolId, timeslotId, personId }),
      sequence: delivery.sequence,
      organizerAddress: senderAddress(this.deps.mailFrom),
      stamp: now,
    });
    return {
      channel: 'email',
      kind,
      message: {
        to: { name: recipient.name, address: new Secret(recipient.email) },
        messageId: messageId(delivery.id, senderDomain(this.deps.mailFrom)),
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        calendar: mail.calendar,
      },
    };
  }

  private async digest(em: Em, delivery: DeliveryRow, now: Date): Promise<Composed> {
    const { schoolId, eveningId, personId } = delivery;
    const slots = (await slotsOfEvening(em, { ...this.deps, now }, schoolId, eveningId)) ?? [];
    if (!slots.some((slot) => slot.timeslot.teacherId === personId)) return { channel: 'none', reason: 'not-entitled' };
    const entries = digestRowsOf(slots, now).filter(({ meeting }) => meeting.accountSealed !== null);
    if (entries.length === 0) return { channel: 'none', reason: 'overtaken' };
    const people = await profilesOf(em, this.deps.keys, schoolId, [
      personId,
      ...entries.flatMap((entry) => [entry.teacherId, entry.meeting.ownerId]),
    ]);
    const school = await schoolOf(em, this.deps.keys, schoolId);
    const recipient = people.get(personId);
    if (!recipient || !school) return { channel: 'none', reason: 'not-entitled' };
    const mail = renderColleagueDigest({
      locale: recipient.locale,
      schoolLocale: school.locale,
      schoolName: school.name,
      eveningName: (await eveningNameOf(em, this.deps.keys, schoolId, eveningId)) ?? '',
      recipientName: recipient.name,
      rows: await Promise.all(
        entries.map(async (entry) => ({
          teacherName: people.get(entry.teacherId)?.name ?? '',
          ownerName: people.get(entry.meeting.ownerId)?.name ?? '',
          account: await this.deps.keys.open(entry.meeting.accountSealed!, accountContext(entry.meeting)),
          provider: entry.meeting.provider,
          meetings: entry.meetings,
        })),
      ),
      pageUrl: `${this.deps.appUrl}/evenings/${encodeURIComponent(eveningId)}`,
      privacyUrl: `${this.deps.appUrl}/privacy`,
    });
    return {
      channel: 'email',
      kind: 'digest',
      message: {
        to: { name: recipient.name, address: new Secret(recipient.email) },
        messageId: messageId(delivery.id, senderDomain(this.deps.mailFrom)),
        ...mail,
      },
    };
  }

  /** Ids, a version and a state: never a URL or a name. */
  private async announcement(em: Em, delivery: DeliveryRow, now: Date): Promise<Composed> {
    const slot: Slot | null = await slotOf(em, this.deps, delivery);
    if (!slot) return { channel: 'none', reason: 'not-entitled' };
    const view = conferenceView(slot, now);
    return {
      channel: 'webhook',
      kind: delivery.kind,
      message: {
        specversion: '1.0',
        id: delivery.id,
        source: this.deps.appUrl,
        type: `videoconferences.conference.${delivery.kind}.v1`,
        subject: delivery.timeslotId,
        time: delivery.createdAt.toISOString(),
        datacontenttype: 'application/json',
        data: {
          school: { id: delivery.schoolId },
          timeslot: { id: delivery.timeslotId, version: slot.timeslot.version },
          status: view.status,
          joinable: view.joinable,
        },
      },
    };
  }
}

/** The same for the whole life of a parent's slot, in mails and downloads, so that calendars know it is one entry. */
export const calendarUid = (
  index: BlindIndex,
  appUrl: string,
  who: { schoolId: string; timeslotId: string; personId: string },
) =>
  `${index.of('calendar-uid', who.schoolId, who.timeslotId, who.personId).toString('hex').slice(0, 32)}@${new URL(appUrl).hostname}`;

/** The bare address of MAIL_FROM. */
export const senderAddress = (from: string) => /<([^>]+)>/.exec(from)?.[1] ?? from;

/** What a Message-ID ends with: the sender's own domain. */
const senderDomain = (from: string) => senderAddress(from).split('@').at(-1)!;
