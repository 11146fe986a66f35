import type { SandboxMail } from '../../../apps/sandbox/src/index.js';
import type { Progress, Row } from '../../support/product.js';
import type { Scene, SlotWish } from './scene.js';

/** A mail that was on its way when its reader lost the slot may still arrive within this. */
const ON_ITS_WAY_MS = 2_000;

/** A page of rows shows so many; a school with more is counted. */
const ROWS_SHOWN = 200;

/** Holds a school against what the providers, the mailbox and the tables have. Empty: all is as wished. */
export async function differences(scene: Scene): Promise<string[]> {
  const meetings = await (scene.slots.length <= ROWS_SHOWN ? meetingsDiffer(scene) : meetingsMiscounted(scene));
  return [...meetings, ...mailsMissing(scene), ...(await workLeft(scene))];
}

/**
 * The same of so many slots that asking each teacher for every row would take longer than the trial: one meeting for
 * each at its time in its account, none beside, and as many ready as there are.
 */
async function meetingsMiscounted(scene: Scene): Promise<string[]> {
  const { product } = scene.rig;
  const wanted = new Set(
    scene.slots.filter(scene.isLive).map((slot) => `${scene.teacher(slot.owner).email} ${slot.start} ${slot.minutes}`),
  );
  const live = product.live(...scene.accounts).map(({ account, start = '', end = '' }) => {
    const [from, to] = [Date.parse(start), Date.parse(end)];
    return `${account} ${from} ${(to - from) / 60_000}`;
  });
  const token = await product.bearer('admin', scene.school);
  const { ready } = await product.get<Progress>(token, `/v1/evenings/${scene.school.evening.id}/progress`);
  const right = new Set(live.filter((one) => wanted.has(one)));
  return [
    ...(right.size < wanted.size ? [`${wanted.size - right.size} slots have no meeting`] : []),
    ...(live.length > right.size
      ? [`${live.length - right.size} meetings live at a provider and belong to no slot`]
      : []),
    ...(ready === wanted.size ? [] : [`${ready} of ${wanted.size} slots are ready`]),
  ];
}

/** Invariant 1: one live meeting per wanted slot, right in everything, and none beside. */
async function meetingsDiffer(scene: Scene): Promise<string[]> {
  const found: string[] = [];
  const rows = await rowsOf(scene);
  const live = scene.rig.product.live(...scene.accounts);
  const owned = new Set<unknown>();
  for (const slot of scene.slots) {
    const row = rows.get(slot.slotId);
    if (!scene.isLive(slot)) {
      if (row?.status !== 'removed' && row?.status !== null && row)
        found.push(`slot ${slot.n} is not wanted and ${row.status}`);
      continue;
    }
    const account = scene.teacher(slot.owner).email;
    const behind = live.filter(({ url }) => url !== undefined && url === row?.meetingUrl);
    for (const one of behind) owned.add(one);
    const right = behind.filter(
      (one) =>
        one.account === account &&
        Date.parse(one.start ?? '') === slot.start &&
        Date.parse(one.end ?? '') === slot.start + slot.minutes * 60_000,
    );
    if (row?.status !== 'ready')
      found.push(`slot ${slot.n} is ${row?.status ?? 'missing'} (${row?.reason ?? 'no reason'})`);
    else if (right.length !== 1 || behind.length !== 1)
      found.push(`slot ${slot.n}: ${behind.length} meetings behind its URL, ${right.length} of them right`);
    else if (row.owner?.account !== account) found.push(`slot ${slot.n} is shown with another account`);
    for (const seen of scene.revealed)
      if (seen.slot === slot && seen.url === row?.meetingUrl && !slot.parents.some(({ id }) => id === seen.parent))
        found.push(`P3 a former parent of slot ${slot.n} knows its URL`);
  }
  const orphans = live.filter((one) => !owned.has(one)).length;
  if (orphans > 0) found.push(`${orphans} meetings live at a provider and belong to no slot`);
  return found;
}

async function rowsOf(scene: Scene): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  for (let n = 1; n <= scene.size.teachers; n += 1)
    for (const row of await scene.rig.product.rows(scene.school, scene.teacher(n)))
      if (scene.slots.find(({ slotId }) => slotId === row.timeslotId)?.teacher === n) rows.set(row.timeslotId, row);
  return rows;
}

async function workLeft(scene: Scene): Promise<string[]> {
  const [left] = await scene.rig.query<{ work: number; mails: number }>(
    // A settled meeting that is asked for again because its owner visits is no work left.
    `select (select count(*) from dispatches d where school_id = $1 and due_at < now() + interval '1 hour'
              and not exists (select from meetings m where m.id = d.subject_id and m.state = 'settled' and m.wished))::int as work,
            (select count(*) from deliveries where school_id = $1 and state = 'pending')::int as mails`,
    [scene.school.id],
  );
  return [
    ...(left!.work > 0 ? [`${left!.work} rows are still due`] : []),
    ...(left!.mails > 0 ? [`${left!.mails} messages are not sent`] : []),
  ];
}

interface ParentMail {
  readonly messageId: string;
  readonly at: number;
  readonly sequence: number;
  readonly isOn: boolean;
  readonly start: number;
}

/** Each message once, by its Message-ID: a crash may repeat it. */
function mailsTo(scene: Scene, email: string): ParentMail[] {
  const first = new Map<string, ParentMail>();
  for (const mail of scene.rig.sandbox.mailbox.to(email)) {
    const read = readMail(mail);
    if (read && !first.has(read.messageId)) first.set(read.messageId, read);
  }
  return [...first.values()];
}

function readMail(mail: SandboxMail): ParentMail | null {
  const calendar = mail.attachments[0]?.content.replaceAll(/\r?\n[ \t]/g, '') ?? '';
  const value = (name: string) => new RegExp(`^${name}[^:\\r\\n]*:([^\\r\\n]*)`, 'm').exec(calendar)?.[1] ?? '';
  if (!calendar.includes('BEGIN:VEVENT')) return null;
  const at = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(value('DTSTART'));
  return {
    messageId: mail.messageId,
    at: Date.parse(mail.receivedAt),
    sequence: Number(value('SEQUENCE') || '0'),
    isOn: value('METHOD') !== 'CANCEL',
    start: at ? Date.parse(`${at[1]}-${at[2]}-${at[3]}T${at[4]}:${at[5]}:${at[6]}Z`) : NaN,
  };
}

/** What must come about: the last thing that each parent heard is how it is. */
function mailsMissing(scene: Scene): string[] {
  const found: string[] = [];
  for (const slot of scene.slots)
    for (const parent of slot.parents) {
      const last = mailsTo(scene, parent.email)
        .sort((a, b) => a.sequence - b.sequence)
        .at(-1);
      if (scene.isLive(slot) ? !last?.isOn || last.start !== slot.start : last?.isOn)
        found.push(`a parent of slot ${slot.n} does not know how it is`);
    }
  return found;
}

/** What may never have happened, whenever one looks. Look when all is quiet. */
export function brokenPromises(scene: Scene): string[] {
  const { ledger } = scene.rig.sandbox;
  const accounts = new Set(scene.accounts);
  return [
    ...scene.violations,
    ...ledger.violations
      .filter(({ account }) => account === undefined || accounts.has(account))
      .map(({ kind, operation }) => `the provider saw ${kind} at ${operation}`),
    ...scene.slots.flatMap((slot) => mailsWrong(scene, slot)),
  ];
}

/** Invariant 4: one message per parent and sequence, in order, and none to somebody who lost the slot. */
function mailsWrong(scene: Scene, slot: SlotWish): string[] {
  const found: string[] = [];
  for (const { email, endedAt } of slot.everParents.values()) {
    const mails = mailsTo(scene, email);
    const sequences = mails.map(({ sequence }) => sequence);
    if (new Set(sequences).size < sequences.length)
      found.push(`a parent of slot ${slot.n} heard one thing in two messages`);
    if (sequences.some((sequence, place) => sequence < (sequences[place - 1] ?? -1)))
      found.push(`a parent of slot ${slot.n} heard in the order ${sequences.join(', ')}`);
    if (endedAt !== null && mails.some(({ at }) => at > endedAt + ON_ITS_WAY_MS))
      found.push(`a former parent of slot ${slot.n} was written to`);
  }
  return found;
}

/** Google's and Graph's word for "not before": no call for the account until it is over (P10). */
export function earlyCalls(scene: Scene, retryAfterMs: number, isLimit: (fault: string) => boolean): string[] {
  const found: string[] = [];
  for (const account of scene.accounts) {
    const calls = scene.rig.sandbox.ledger.requests.filter(
      (request) => request.account === account && /^(events|calendars|onlineMeetings)/.test(request.operation),
    );
    let until = 0;
    for (const { at, fault } of calls) {
      const now = Date.parse(at);
      if (now < until) found.push(`an account was called ${until - now} ms before its time`);
      if (fault && isLimit(fault)) until = now + retryAfterMs;
    }
  }
  return found;
}
