import type { LocalProduct } from '../local-product.js';
import type { Sandbox } from '../../../sandbox/src/index.js';

type SlotEvents = ReturnType<Sandbox['module']['planEvening']>;

export interface Findings {
  slots: number;
  ready: number;
  needsOwner: number;
  failed: number;
  /** Pairs of a parent and a slot. */
  parents: number;
  mails: number;
  /** Meetings beyond one per slot, and mails beyond one per parent and slot. */
  duplicates: number;
  /** Meetings that live at a provider and belong to no slot. */
  orphans: number;
  /** Join links that lead anywhere but to the slot's own meeting, and meetings with a wrong time or account. */
  wrongLinks: number;
  /** Lists, searches, foreign items and family names that the providers saw. */
  violations: number;
  notes: string[];
}

interface Row {
  timeslotId: string;
  status: string;
  provider: string;
  owner: { id: string; account: string } | null;
  meetingUrl?: string;
}

/** Compares what the product says with what the providers and the mailbox have. The providers are right. */
export async function inspect(
  product: LocalProduct,
  events: SlotEvents,
  names: { school: string; evening: string },
): Promise<Findings> {
  const { sandbox } = product;
  const found: Findings = {
    slots: events.length,
    ready: 0,
    needsOwner: 0,
    failed: 0,
    parents: 0,
    mails: 0,
    duplicates: 0,
    orphans: 0,
    wrongLinks: 0,
    violations: sandbox.ledger.violations.length,
    notes: [],
  };
  const rows = await rowsOf(product, events, names);
  const live = sandbox.ledger.live().filter((entry) => entry.kind !== 'calendar');
  const owned = new Map<string, string>();
  for (const { data } of events) {
    const row = rows.get(data.timeslot.id);
    if (row?.status === 'ready') found.ready += 1;
    else if (row?.status === 'needs_owner') found.needsOwner += 1;
    else found.failed += 1;
    if (row?.status !== 'ready') found.notes.push(`${data.timeslot.id} is ${row?.status ?? 'missing'}`);
    if (!row?.meetingUrl) continue;
    if (owned.has(row.meetingUrl)) {
      found.duplicates += 1;
      found.notes.push(`${data.timeslot.id} shares its URL with ${owned.get(row.meetingUrl)}`);
    }
    owned.set(row.meetingUrl, data.timeslot.id);
    const meetings = live.filter((entry) => entry.url === row.meetingUrl);
    const right = meetings.filter(
      (entry) =>
        entry.account === data.teacher.email &&
        Date.parse(entry.start ?? '') === Date.parse(data.timeslot.start) &&
        Date.parse(entry.end ?? '') === Date.parse(data.timeslot.end),
    );
    if (right.length !== 1 || row.owner?.account !== data.teacher.email) {
      found.wrongLinks += 1;
      found.notes.push(
        `${data.timeslot.id}: ${meetings.length} meetings behind its URL, ${right.length} of them right`,
      );
    }
  }
  // What lives and is no slot's: one per slot is due; whatever a lost reply left behind shows here.
  for (const entry of live) {
    if (entry.url && owned.has(entry.url)) continue;
    found.orphans += 1;
    found.notes.push(`a meeting of ${entry.account} belongs to no slot`);
  }
  await followMails(product, events, rows, found);
  return found;
}

/** Every teacher sees the URLs of their own slots. */
async function rowsOf(
  { sandbox, appUrl }: LocalProduct,
  events: SlotEvents,
  { school, evening }: { school: string; evening: string },
): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  for (const teacher of new Map(events.map(({ data }) => [data.teacher.id, data.teacher])).values()) {
    const bearer = await sandbox.module.token({
      sub: teacher.id,
      school,
      roles: ['teacher'],
      name: teacher.name,
      email: teacher.email,
      locale: 'nl',
    });
    const own = new Set(
      events.filter(({ data }) => data.teacher.id === teacher.id).map(({ data }) => data.timeslot.id),
    );
    let url: string | null = `${appUrl}/v1/evenings/${evening}/conferences?limit=200`;
    while (url !== null) {
      const response: Response = await fetch(url, { headers: { authorization: `Bearer ${bearer}` } });
      const page = (await response.json()) as { rows: Row[] };
      for (const row of page.rows) if (own.has(row.timeslotId)) rows.set(row.timeslotId, row);
      url = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
    }
  }
  return rows;
}

async function followMails(
  { sandbox, appUrl }: LocalProduct,
  events: SlotEvents,
  rows: Map<string, Row>,
  found: Findings,
): Promise<void> {
  const expected = new Map<string, string>();
  for (const { data } of events)
    for (const parent of data.parents)
      expected.set(`${parent.email} ${Date.parse(data.timeslot.start)}`, data.timeslot.id);
  found.parents = events.reduce((sum, { data }) => sum + data.parents.length, 0);
  const seen = new Map<string, string>();
  for (const mail of sandbox.mailbox.messages) {
    const start = startOf(mail.attachments[0]?.content ?? '');
    if (start === null) continue;
    found.mails += 1;
    const key = `${mail.envelope.to[0]} ${start}`;
    const slot = expected.get(key);
    if (!slot || seen.has(key)) {
      found[slot ? 'duplicates' : 'wrongLinks'] += 1;
      found.notes.push(slot ? `a parent was mailed twice for ${slot}` : 'a mail belongs to no parent and slot');
      continue;
    }
    seen.set(key, mail.messageId);
    const links = [...new Set(mail.text.match(new RegExp(`${appUrl.replaceAll('.', '\\.')}/j/[\\w-]+`, 'g')) ?? [])];
    const response = links.length === 1 ? await fetch(links[0]!, { method: 'POST', redirect: 'manual' }) : null;
    if (response?.status === 303 && response.headers.get('location') === rows.get(slot)?.meetingUrl) continue;
    found.wrongLinks += 1;
    found.notes.push(
      `${slot}: ${links.length} join links in the mail; joining answered ${response?.status ?? 'nothing'}`,
    );
  }
}

/** DTSTART of a calendar file in ms; null where there is none. */
function startOf(calendar: string): number | null {
  const match = /^DTSTART[^:]*:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/m.exec(calendar);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
