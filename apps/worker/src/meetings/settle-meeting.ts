import type { Job } from 'bullmq';
import type { Outcome, Work } from '#libs/conferences';
import type { Lease } from '#libs/login';
import type { Jobs } from '#libs/messaging';
import { errorPlace } from '#libs/platform';
import { LOGIN_OF, ProviderError, type MeetingProvider, type ProviderAccess, type ProviderName } from '#libs/providers';
import type { WorkerCore } from '../core.js';
import { JobFailed } from '../job-failed.js';
import { ATTEMPTS, RETRY_DELAY_MS } from '../relay/carry.js';

/** What a claim keeps for writing its outcome down. */
const MARGIN_SHARE = 0.1;

/** Makes one meeting so: what every queue of meetings does. */
export class SettleMeeting {
  constructor(private readonly core: WorkerCore) {}

  async process(job: Job<Jobs['settle-meeting']>): Promise<string> {
    const { meetings, leases } = this.core;
    let lease: Lease | null = null;
    const begun = await meetings.begin(job.data.meetingId, (ownerId, provider) => {
      lease = leases.borrow(ownerId, LOGIN_OF[provider]);
      return lease && lease.account;
    });
    if (begun.kind === 'poison') {
      this.core.logger.error({ meeting: job.data.meetingId }, 'given up: started again and again without an outcome');
    }
    if (begun.kind !== 'work') return begun.kind === 'parked' ? `parked:${begun.reason}` : begun.kind;
    const { work } = begun;
    const outcome = await this.makeItSo(work, lease!, job);
    const word = await this.finish(work, outcome);
    this.core.metrics.settled.inc({ provider: work.meeting.provider, outcome: word });
    if (word === 'retry-soon') throw new JobFailed(outcome.kind === 'failed' ? outcome.error.code : word);
    return word;
  }

  /** An outcome that cannot be written down is a fault of ours, too; when not even that can be told, the claim runs out. */
  private async finish(work: Work, outcome: Outcome): Promise<string> {
    try {
      return await this.core.meetings.finish(work, outcome);
    } catch (error) {
      return await this.core.meetings.finish(work, this.broken(error, work)).catch(() => {
        throw error;
      });
    }
  }

  /** Calls the provider. Whatever it says comes back as an outcome, and so does a fault of our own: nothing is thrown. */
  private async makeItSo(work: Work, lease: Lease, job: Job): Promise<Outcome> {
    const provider = this.core.providers[work.meeting.provider];
    const timer = this.core.metrics.settleSeconds.startTimer({ provider: provider.name });
    try {
      return await this.call(provider, work, lease);
    } catch (error) {
      if (!(error instanceof ProviderError)) return this.broken(error, work);
      this.told(provider.name, error, work);
      if (error.code === 'token-rejected') this.core.leases.withdraw(work.meeting.ownerId, LOGIN_OF[provider.name]);
      return { kind: 'failed', error, retrySoonMs: retrySoonMs(error, job) };
    } finally {
      timer();
    }
  }

  private async call(provider: MeetingProvider, work: Work, lease: Lease): Promise<Outcome> {
    const access = (): ProviderAccess => ({ accessToken: lease.accessToken, signal: this.signalFor(work) });
    let { wish } = work;
    if (work.needsPlace && (work.operation === 'create' || work.operation === 'update')) {
      const place = await provider.openPlace(access(), { title: wish.title, timeZone: wish.timeZone });
      wish = { ...wish, place: await this.core.meetings.savePlace(work, place) };
    }
    // A place is stored before anything is made in it: where none is known there is nothing of ours, and whatever else
    // could be asked would not be ours (R3).
    const isNowhere = work.needsPlace && (work.operation === 'remove' || work.operation === 'verify');
    if (isNowhere && work.operation === 'remove') return { kind: 'removed' };
    if (isNowhere) throw new ProviderError('not-found', 'not-found');
    switch (work.operation) {
      case 'create':
        return { kind: 'made', seen: await provider.create(access(), wish), place: wish.place };
      case 'update':
        return {
          kind: 'made',
          seen: work.poll ? await provider.read(access(), wish) : await provider.update(access(), wish),
          place: wish.place,
        };
      case 'verify':
        return { kind: 'verified', seen: await provider.read(access(), wish) };
      case 'remove':
        await provider.remove(access(), wish);
        return { kind: 'removed' };
    }
  }

  /** Every call ends before its claim does: a worker that was frozen and wakes up late calls nobody. */
  private signalFor(work: Work): AbortSignal {
    const { callMs, claimMs } = this.core.timers;
    const leftMs = work.meeting.deadline!.getTime() - this.core.clock.now().getTime() - claimMs * MARGIN_SHARE;
    if (leftMs <= 0) throw new ProviderError('unavailable', 'timeout', { outcomeUnknown: true });
    return AbortSignal.timeout(Math.min(callMs, leftMs));
  }

  /** What nobody foresaw must not hold up the account's other meetings until the claim runs out. */
  private broken(error: unknown, work: Work): Outcome {
    const { provider, id: meeting } = work.meeting;
    this.core.logger.error(
      { provider, meeting, operation: work.operation, ...errorPlace(error) },
      'a fault of our own broke the work on a meeting',
    );
    return { kind: 'broken' };
  }

  private told(provider: ProviderName, error: ProviderError, work: Work): void {
    this.core.metrics.providerErrors.inc({ provider, word: error.word, code: error.code });
    this.core.logger.info(
      {
        provider,
        meeting: work.meeting.id,
        operation: work.operation,
        word: error.word,
        code: error.code,
        status: error.details.status,
        requestId: error.details.requestId,
      },
      'the provider said no',
    );
  }
}

/** A job's own attempts cover seconds; with a Retry-After, or when they are spent, the meeting waits in Postgres. */
function retrySoonMs(error: ProviderError, job: Job): number | null {
  if (error.word !== 'unavailable' || error.details.until || job.attemptsMade + 1 >= ATTEMPTS) return null;
  return RETRY_DELAY_MS * 2 ** job.attemptsMade;
}
