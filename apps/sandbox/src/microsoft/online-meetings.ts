import { createHash } from 'node:crypto';
import type { OnlineMeeting } from '@microsoft/microsoft-graph-types';
import { Refusal } from '../http/answer.js';
import type { LedgerEntry } from '../world/ledger.js';
import type { World } from '../world/world.js';
import type { MicrosoftAccount } from './accounts.js';
import { bad, changedTimes, meetingTimes, settingsToChange, settingsToCreate } from './meeting-body.js';

/** v1.0 has had expiryDateTime since 2026; the npm types have not (providers.md §4.3). */
export type SandboxOnlineMeeting = OnlineMeeting & { id: string; joinWebUrl: string; expiryDateTime: string };

interface MeetingRow {
  resource: SandboxOnlineMeeting;
  account: MicrosoftAccount;
  entry: LedgerEntry;
}

const EXPIRY_MS = 60 * 86_400_000;
type Body = Record<string, unknown>;

/** Online meetings (providers.md §4). A meeting is seen by its organizer only; there is no list of them. */
export class OnlineMeetings {
  readonly #rows = new Map<string, MeetingRow>();
  readonly #byExternalId = new Map<string, MeetingRow>();
  #made = 0;

  constructor(private readonly world: World) {}

  /** The one meeting of tenant, user and externalId; an existing one is answered unchanged, whatever is asked. */
  createOrGet(account: MicrosoftAccount, body: Body): { created: boolean; meeting: SandboxOnlineMeeting } {
    const { externalId, subject } = body;
    if (typeof externalId !== 'string' || externalId === '') throw bad('externalId is required.');
    const times = meetingTimes(body, this.world.now());
    const key = `${account.tid}\n${account.oid}\n${externalId}`;
    const known = this.#byExternalId.get(key);
    if (known) return { created: false, meeting: known.resource };
    // Settings in the body are no parameters of the action: they are ignored (§4.1).
    const row = this.#make(account, { subject: subject as string | undefined, ...times }, externalId);
    this.#byExternalId.set(key, row);
    return { created: true, meeting: row.resource };
  }

  create(account: MicrosoftAccount, body: Body): SandboxOnlineMeeting {
    if ('externalId' in body) throw bad('externalId is only for use with CreateOrGet.');
    const settings = settingsToCreate(body);
    return this.#make(account, { ...settings, ...meetingTimes(body, this.world.now()) }).resource;
  }

  get(account: MicrosoftAccount, id: string, operation: string): SandboxOnlineMeeting {
    return this.#own(account, id, operation).resource;
  }

  patch(account: MicrosoftAccount, id: string, body: Body): SandboxOnlineMeeting {
    const row = this.#own(account, id, 'onlineMeetings.patch');
    const changes = { ...settingsToChange(body), ...changedTimes(body) };
    const organizer = row.resource.participants?.organizer;
    const { participants } = changes;
    Object.assign(row.resource, changes, participants ? { participants: { ...participants, organizer } } : {});
    row.resource.expiryDateTime = expiry(row.resource);
    this.world.ledger.update(row.entry, facts(row.resource));
    return row.resource;
  }

  remove(account: MicrosoftAccount, id: string): void {
    const row = this.#own(account, id, 'onlineMeetings.delete');
    this.#rows.delete(id);
    for (const [key, other] of this.#byExternalId) if (other === row) this.#byExternalId.delete(key);
    this.world.ledger.remove(row.entry);
  }

  /** By join URL, compared exactly, or by meeting id; the organizer only (§4.5). */
  find(account: MicrosoftAccount, filter: string): SandboxOnlineMeeting {
    const [, property, quoted] = /^(JoinWebUrl|joinMeetingIdSettings\/joinMeetingId) eq '(.*)'$/su.exec(filter) ?? [];
    if (property === undefined || quoted === undefined) throw bad('The filter is not supported.');
    const value = quoted.replaceAll("''", "'");
    const row = [...this.#rows.values()].find(({ resource }) =>
      property === 'JoinWebUrl'
        ? resource.joinWebUrl === value
        : resource.joinMeetingIdSettings?.joinMeetingId === value,
    );
    if (!row) throw new Refusal('404.3004');
    if (row.account !== account) {
      this.#foreign(account, 'onlineMeetings.list');
      throw new Refusal('403.3003');
    }
    return row.resource;
  }

  #make(account: MicrosoftAccount, wish: OnlineMeeting, externalId?: string): MeetingRow {
    const { world } = this;
    this.#made += 1;
    const seed = `${world.random.seed}\n${account.oid}\n${externalId ?? ''}\n${this.#made}`;
    const thread = `19:meeting_${createHash('sha256').update(seed).digest('base64url')}@thread.v2`;
    const context = JSON.stringify({ Tid: account.tid, Oid: account.oid });
    const path = `/l/meetup-join/${lowerEncode(thread)}/0?context=${lowerEncode(context)}`;
    const resource: SandboxOnlineMeeting = {
      ...DEFAULTS,
      ...wish,
      id: Buffer.from(`1*${account.oid}*0**${thread}`).toString('base64url'),
      ...(externalId === undefined ? {} : { externalId }),
      creationDateTime: world.now().toISOString(),
      subject: wish.subject ?? null,
      joinWebUrl: `${world.meetUrls === 'https' ? 'https://teams.microsoft.com' : world.url}${path}`,
      chatInfo: { threadId: thread, messageId: '0', replyChainMessageId: null },
      participants: {
        attendees: wish.participants?.attendees ?? [],
        organizer: {
          upn: account.email,
          role: 'presenter',
          identity: { user: { id: account.oid, displayName: account.name } },
        },
      },
      joinMeetingIdSettings: {
        isPasscodeRequired: wish.joinMeetingIdSettings?.isPasscodeRequired ?? true,
        joinMeetingId: world.random.text('join meeting id', 13, '0123456789'),
        passcode: world.random.text('passcode', 6),
      },
      expiryDateTime: expiry(wish),
    };
    const entry = world.ledger.add({
      provider: 'microsoft',
      kind: 'onlineMeeting',
      account: account.email,
      id: resource.id,
      externalId,
      url: resource.joinWebUrl,
      ...facts(resource),
    });
    const row = { resource, account, entry };
    this.#rows.set(resource.id, row);
    return row;
  }

  #own(account: MicrosoftAccount, id: string, operation: string): MeetingRow {
    const row = this.#rows.get(id);
    if (row && row.account !== account) this.#foreign(account, operation);
    if (!row || row.account !== account) throw new Refusal('404.NotFound');
    return row;
  }

  #foreign(account: MicrosoftAccount, operation: string): void {
    const detail = "another account's online meeting";
    this.world.ledger.violation({
      kind: 'foreign-item',
      provider: 'microsoft',
      operation,
      account: account.email,
      detail,
    });
  }
}

const DEFAULTS: OnlineMeeting = {
  allowedPresenters: 'everyone',
  allowMeetingChat: 'enabled',
  allowTeamworkReactions: true,
  allowAttendeeToEnableCamera: true,
  allowAttendeeToEnableMic: true,
  isEntryExitAnnounced: false,
  recordAutomatically: false,
  lobbyBypassSettings: { scope: 'organization', isDialInBypassEnabled: false },
  audioConferencing: null,
  videoTeleconferenceId: null,
};

const expiry = ({ endDateTime }: OnlineMeeting): string =>
  new Date(Date.parse(endDateTime ?? '') + EXPIRY_MS).toISOString();

const facts = ({ subject, startDateTime, endDateTime }: OnlineMeeting) => ({
  subject: subject ?? undefined,
  start: startDateTime ?? undefined,
  end: endDateTime ?? undefined,
});

/** Microsoft writes its escapes in lower case: %3a, not %3A. */
const lowerEncode = (text: string): string =>
  encodeURIComponent(text).replace(/%[0-9A-F]{2}/gu, (escaped) => escaped.toLowerCase());
