import {
  FakeProvider,
  ProviderError,
  type FakeMeeting,
  type MeetingProvider,
  type MeetingSeen,
  type MeetingWish,
  type ProviderAccess,
  type ProviderName,
  type ProviderOperation,
} from '#libs/providers';
import type { Secret } from '#libs/encryption';
import type { Task } from './task.js';

export interface ProviderWatch {
  readonly now: () => Date;
  readonly task: () => Task | undefined;
  /** A meeting came to be. Called at the very moment, before anybody knows. */
  readonly made: (provider: ProviderName, meeting: FakeMeeting) => Promise<void>;
  readonly violation: (what: string) => void;
}

/** The conforming fake, with fate in between: calls can be struck before and after their effect, and limits are kept. */
export class SimProvider implements MeetingProvider {
  readonly fake: FakeProvider;
  private readonly limits = new Map<string, number>();

  constructor(
    readonly name: ProviderName,
    private readonly watch: ProviderWatch,
  ) {
    this.fake = new FakeProvider(name);
  }

  get requestsPerCreate(): number {
    return this.fake.requestsPerCreate;
  }

  /** The latest instant until which some account must not be asked; 0 where none. */
  get limitedUntil(): number {
    return Math.max(0, ...this.limits.values());
  }

  openPlace = (access: ProviderAccess, place: { title: string; timeZone: string }): Promise<Secret | null> =>
    this.through('openPlace', access, () => this.fake.openPlace(access, place));
  create = (access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> =>
    this.through('create', access, () => this.fake.create(access, wish));
  read = (access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> =>
    this.through('read', access, () => this.fake.read(access, wish));
  update = (access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen> =>
    this.through('update', access, () => this.fake.update(access, wish));
  remove = (access: ProviderAccess, wish: MeetingWish): Promise<void> =>
    this.through('remove', access, () => this.fake.remove(access, wish));

  private async through<T>(operation: ProviderOperation, access: ProviderAccess, call: () => Promise<T>): Promise<T> {
    const task = this.watch.task();
    const fault = await task?.reach('provider-before');
    const account = access.accessToken.reveal();
    const now = this.watch.now().getTime();
    // The worst that a frozen worker can do: what it was about to send takes effect until its claim is over twice.
    if (task?.isTooLate(now)) throw new ProviderError('unavailable', 'timeout', { outcomeUnknown: true });
    const until = this.limits.get(account) ?? 0;
    if (now < until)
      this.watch.violation(
        `P10 ${this.name} was asked for ${account} ${until - now} ms before its Retry-After was over`,
      );
    const isWrite = operation !== 'read';
    const struck = task?.takeAnswer();
    if (struck) {
      const later = new Date(now + struck.seconds * 1000);
      switch (struck.kind) {
        case 'limited':
          this.limits.set(account, later.getTime());
          throw new ProviderError('rate-limited', 'rate-limit', { until: later, scope: 'account', status: 429 });
        case 'account-quota':
          this.limits.set(account, later.getTime());
          throw new ProviderError('rate-limited', 'account-quota', { until: later, scope: 'account', status: 403 });
        case 'unavailable':
          throw new ProviderError('unavailable', 'server-error', { status: 503, outcomeUnknown: isWrite });
        case 'refused':
          throw new ProviderError('refused', 'blocked-by-admin', { status: 403 });
        case 'not-there':
          throw new ProviderError('not-found', 'not-found', { status: 404 });
        case 'login-ended':
          throw new ProviderError('login-required', 'token-rejected', { status: 401 });
        case 'unknown':
          await this.effect(call);
          throw new ProviderError('unavailable', 'unknown-answer', { outcomeUnknown: isWrite });
      }
    }
    const result = await this.effect(call);
    if ((await task?.reach('provider-after')) === 'lost-reply')
      throw new ProviderError('unavailable', 'network', { outcomeUnknown: isWrite });
    if (fault === 'lost-reply') throw new ProviderError('unavailable', 'network', { outcomeUnknown: isWrite });
    return result;
  }

  private async effect<T>(call: () => Promise<T>): Promise<T> {
    const before = this.fake.meetings.length;
    try {
      return await call();
    } finally {
      for (const meeting of this.fake.meetings.slice(before)) await this.watch.made(this.name, meeting);
    }
  }
}
