import { Secret } from '#libs/encryption';
import type { MeetingProvider, MeetingSeen, MeetingWish, ProviderAccess, ProviderName } from './meeting-provider.js';
import { ProviderError } from './provider-error.js';

export type ProviderOperation = 'openPlace' | 'create' | 'read' | 'update' | 'remove';

/**
 * One scripted trouble. `lost` does the work and then loses the answer; `error` does nothing and throws; `silent` does
 * nothing and answers never, until the caller's signal ends the call.
 */
export type ScriptedFault =
  { readonly kind: 'lost' } | { readonly kind: 'silent' } | { readonly kind: 'error'; readonly error: ProviderError };

/** A meeting as the fake holds it; tests look at it. */
export interface FakeMeeting {
  readonly account: string;
  readonly key: string;
  readonly place: string | null;
  readonly url: string;
  start: Date;
  end: Date;
  conference: MeetingSeen['conference'];
  deleted: boolean;
  /** False: somebody opened the lobby by hand. */
  settingsHold: boolean;
  /** True: it is in progress, and what it is told about its times is taken and not done (providers.md §4.4). */
  isUnderWay?: boolean;
}

/**
 * A provider in memory that keeps the port's promises, for fast tests of everything that uses one. An account is a
 * token. Runs the same conformance suite as the real ones, or it would lie.
 */
export class FakeProvider implements MeetingProvider {
  readonly meetings: FakeMeeting[] = [];
  readonly calls: { operation: ProviderOperation; key: string | null }[] = [];
  /** What the next meetings' conferences are like when they are made. */
  conferenceAtFirst: MeetingSeen['conference'] = 'ready';
  private readonly places = new Map<string, string>();
  private readonly faults: { operation: ProviderOperation; fault: ScriptedFault }[] = [];
  private readonly rejected = new Set<string>(['a-token-of-nobody']);
  private counter = 0;

  constructor(readonly name: ProviderName = 'google-meet') {}

  get requestsPerCreate(): number {
    return this.name === 'google-meet' ? 1 : 2;
  }

  /** The next call of this operation meets this fault. Several queue up. */
  script(operation: ProviderOperation, fault: ScriptedFault): void {
    this.faults.push({ operation, fault });
  }

  /** Forgets the faults that did not strike. */
  forgetScript(): void {
    this.faults.length = 0;
  }

  /** From now on this token is refused; so is `a-token-of-nobody`, always. */
  rejectToken(token: string): void {
    this.rejected.add(token);
  }

  /** The owner signed in again. */
  acceptToken(token: string): void {
    this.rejected.delete(token);
  }

  /** The owner deletes a calendar of ours by hand, with all that is in it. */
  deletePlace(place: string): void {
    this.places.delete(place);
    for (const meeting of this.meetings) if (meeting.place === place) meeting.deleted = true;
  }

  liveMeetings(account?: string): FakeMeeting[] {
    return this.meetings.filter(
      (meeting) => !meeting.deleted && (account === undefined || meeting.account === account),
    );
  }

  openPlace(access: ProviderAccess, place: { title: string; timeZone: string }): Promise<Secret | null> {
    return this.doing('openPlace', access, null, (account) => {
      if (this.name !== 'google-meet') return null;
      const id = `${place.title}-${++this.counter}`;
      this.places.set(id, account);
      return new Secret(id);
    });
  }

  create(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> {
    return this.doing('create', access, wish.key, (account) => this.seen(this.createOrGet(account, wish)));
  }

  read(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> {
    return this.doing('read', access, wish.key, (account) => {
      // As at the real one: Graph has no asking by key.
      if (!wish.id && this.name === 'microsoft-teams') throw new ProviderError('refused', 'bad-request');
      return this.seen(this.find(account, wish));
    });
  }

  update(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> {
    return this.doing('update', access, wish.key, (account) => {
      const meeting =
        wish.id || this.name === 'google-meet' ? this.find(account, wish) : this.createOrGet(account, wish);
      Object.assign(meeting, meeting.isUnderWay ? {} : { start: wish.start, end: wish.end }, { settingsHold: true });
      if (meeting.conference === 'failed') meeting.conference = 'ready';
      return this.seen(meeting);
    });
  }

  remove(access: ProviderAccess, wish: MeetingWish): Promise<void> {
    return this.doing('remove', access, wish.key, (account) => {
      for (const meeting of this.meetings) {
        if (meeting.account === account && this.isAsked(meeting, wish)) meeting.deleted = true;
      }
    });
  }

  private createOrGet(account: string, wish: MeetingWish): FakeMeeting {
    const place = wish.place?.reveal() ?? null;
    if (place !== null && place !== 'primary' && this.places.get(place) !== account) {
      throw new ProviderError('not-found', 'place-not-found', { status: 404 });
    }
    const known = this.meetings.findLast(
      (one) => one.account === account && one.place === place && one.key === wish.key,
    );
    // Google remembers the id of a deleted event; Teams makes a new meeting.
    if (known?.deleted && this.name === 'google-meet')
      throw new ProviderError('not-found', 'not-found', { status: 404 });
    if (known && !known.deleted) return Object.assign(known, { start: wish.start, end: wish.end, settingsHold: true });
    const host = this.name === 'google-meet' ? 'meet.google.com' : 'teams.microsoft.com';
    const made: FakeMeeting = {
      account,
      key: wish.key,
      place,
      url: `https://${host}/fake-${++this.counter}`,
      start: wish.start,
      end: wish.end,
      conference: this.conferenceAtFirst,
      deleted: false,
      settingsHold: true,
    };
    this.meetings.push(made);
    return made;
  }

  private find(account: string, wish: MeetingWish): FakeMeeting {
    const found = this.meetings.find((one) => one.account === account && !one.deleted && this.isAsked(one, wish));
    if (!found) throw new ProviderError('not-found', 'not-found', { status: 404 });
    return found;
  }

  private isAsked(meeting: FakeMeeting, wish: MeetingWish): boolean {
    // An event is known in its own calendar only.
    if (this.name === 'google-meet' && meeting.place !== (wish.place?.reveal() ?? null)) return false;
    return wish.id ? idOf(meeting) === wish.id.reveal() : meeting.key === wish.key;
  }

  private seen(meeting: FakeMeeting): MeetingSeen {
    const { conference, settingsHold, start, end } = meeting;
    const url = conference === 'ready' ? new Secret(meeting.url) : null;
    return { id: new Secret(idOf(meeting)), url, conference, settingsHold, start, end };
  }

  /** Writes whose answer is lost leave their outcome unknown, as at the real ones. */
  private async doing<T>(
    operation: ProviderOperation,
    access: ProviderAccess,
    key: string | null,
    work: (account: string) => T,
  ): Promise<T> {
    await Promise.resolve();
    this.calls.push({ operation, key });
    const outcomeUnknown = operation !== 'read';
    if (access.signal.aborted) throw new ProviderError('unavailable', 'timeout', { outcomeUnknown });
    const account = access.accessToken.reveal();
    if (this.rejected.has(account)) throw new ProviderError('login-required', 'token-rejected', { status: 401 });
    const index = this.faults.findIndex((one) => one.operation === operation);
    const fault = index < 0 ? undefined : this.faults.splice(index, 1)[0]?.fault;
    if (fault?.kind === 'error') throw fault.error;
    if (fault?.kind === 'silent') {
      await new Promise<void>((resolve) => access.signal.addEventListener('abort', () => resolve(), { once: true }));
      throw new ProviderError('unavailable', 'timeout', { outcomeUnknown });
    }
    const result = work(account);
    if (fault?.kind === 'lost') throw new ProviderError('unavailable', 'network', { outcomeUnknown });
    return result;
  }
}

/** The URL tells two meetings of one key apart. */
const idOf = (meeting: FakeMeeting): string => `id-${meeting.key}-${meeting.url.split('-').at(-1) ?? ''}`;
