/** What a call to a provider showed about the provider: it works, it is unwell, or it found that it was asked too much. */
export type Shown = 'answered' | 'unavailable' | 'limited';

/** Why a provider rests. */
export type RestReason = 'unavailable' | 'limited';

export type BreakerState = 'working' | 'resting' | 'probing';

/** What the breaker wants done; null: nothing. */
export type Verdict = { rest: RestReason; until: Date } | 'works' | null;

/** What counts is what the last seconds showed. */
const WINDOW_MS = 20_000;
/** Fewer calls show nothing: five teachers' bad luck is not an outage. */
const LEAST_CALLS = 20;
const LEAST_ACCOUNTS = 5;
/** An account's last calls only, so that one account's trouble is not the provider's. */
const CALLS_PER_ACCOUNT = 3;
const MOSTLY_UNAVAILABLE = 0.8;
const MOSTLY_LIMITED = 0.8;
/** The first rest, and the longest. A rest that ends in failing probes is followed by one twice as long. */
const FIRST_REST_MS = 5_000;
const LONGEST_REST_MS = 20_000;
/** Google counts in a sliding minute (providers.md §2.6); each account that was told when to come back waits for that anyway. */
const LIMITED_REST_MS = 15_000;
/** So many meetings are tried after a rest; most of them decide. */
export const PROBES = 3;

interface Call {
  readonly account: unknown;
  readonly shown: Shown;
  readonly at: number;
}

/**
 * Decides when a provider as a whole is left alone, from what this process's calls showed. Pure: time comes with each
 * call, and what it wants done it says. A storm in which most calls still get through does not stop anybody; each
 * meeting's own backoff covers that.
 */
export class Breaker {
  private calls: Call[] = [];
  private until = 0;
  private mode: BreakerState = 'working';
  private restMs = FIRST_REST_MS;
  private probes: Shown[] = [];

  state(now: Date): BreakerState {
    if (this.mode === 'resting' && now.getTime() >= this.until) {
      this.mode = 'probing';
      this.probes = [];
    }
    return this.mode;
  }

  /**
   * @param call.begunAt a call that began before the rest was over shows nothing about now
   */
  saw(call: { account: unknown; shown: Shown; begunAt: Date; now: Date }): Verdict {
    const { account, shown, begunAt, now } = call;
    switch (this.state(now)) {
      case 'resting':
        return null;
      case 'probing':
        return begunAt.getTime() < this.until ? null : this.probed(shown, now);
      case 'working':
        if (begunAt.getTime() < this.until) return null;
        this.calls.push({ account, shown, at: now.getTime() });
        return this.judge(now);
    }
  }

  /** Another worker let the provider rest, or found it well again. */
  heard(shared: { until: Date; probing: boolean } | null, now: Date): void {
    if (shared && shared.until > now) {
      this.mode = 'resting';
      this.until = Math.max(this.until, shared.until.getTime());
      return;
    }
    if (shared?.probing) {
      if (this.mode === 'working') this.probes = [];
      this.mode = 'probing';
      this.until = Math.max(this.until, shared.until.getTime());
      return;
    }
    if (this.state(now) === 'probing') this.open();
  }

  private probed(shown: Shown, now: Date): Verdict {
    this.probes.push(shown);
    const most = Math.ceil(PROBES / 2);
    const well = this.probes.filter((probe) => probe === 'answered').length;
    if (well >= most) {
      this.open();
      this.restMs = FIRST_REST_MS;
      return 'works';
    }
    if (this.probes.length - well < most) return null;
    this.restMs = Math.min(LONGEST_REST_MS, this.restMs * 2);
    return this.rest(this.probes.includes('limited') ? 'limited' : 'unavailable', now, this.restMs);
  }

  private judge(now: Date): Verdict {
    this.calls = this.calls.filter(({ at }) => at > now.getTime() - WINDOW_MS);
    const counted = lastOfEach(this.calls);
    const accounts = new Set(counted.map(({ account }) => account)).size;
    const down = counted.filter(({ shown }) => shown === 'unavailable');
    if (
      counted.length >= LEAST_CALLS &&
      accountsOf(down) >= LEAST_ACCOUNTS &&
      down.length >= MOSTLY_UNAVAILABLE * counted.length
    )
      return this.rest('unavailable', now, this.restMs);
    // Accounts, not calls: a limited account is asked no more for a while.
    const limited = accountsOf(counted.filter(({ shown }) => shown === 'limited'));
    if (limited >= LEAST_ACCOUNTS && limited >= MOSTLY_LIMITED * accounts)
      return this.rest('limited', now, LIMITED_REST_MS);
    return null;
  }

  private rest(reason: RestReason, now: Date, forMs: number): Verdict {
    this.mode = 'resting';
    this.until = now.getTime() + forMs;
    this.calls = [];
    return { rest: reason, until: new Date(this.until) };
  }

  private open(): void {
    this.mode = 'working';
    this.calls = [];
  }
}

const accountsOf = (calls: readonly Call[]) => new Set(calls.map(({ account }) => account)).size;

function lastOfEach(calls: readonly Call[]): Call[] {
  const seen = new Map<unknown, number>();
  return calls.toReversed().filter(({ account }) => {
    const count = (seen.get(account) ?? 0) + 1;
    seen.set(account, count);
    return count <= CALLS_PER_ACCOUNT;
  });
}
