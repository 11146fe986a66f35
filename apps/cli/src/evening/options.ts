import type { FaultRule } from '../../../sandbox/src/index.js';
import { WrongArguments } from '../wrong-arguments.js';

export interface EveningOptions {
  readonly teachers: number;
  readonly slots: number;
  readonly provider: 'google-meet' | 'microsoft-teams' | 'both';
  readonly json: boolean;
  readonly seed: number;
  readonly latencyMs: number;
  readonly faults: readonly FaultRule[];
}

const PROVIDERS = ['google-meet', 'microsoft-teams', 'both'] as const;

/**
 * `--teachers 40 --slots 15 [--provider google-meet|microsoft-teams|both] [--json]`, and for trying faults:
 * `--unavailable 20 --limited 10` (percent of provider calls answered 503, and 429 with Retry-After),
 * `--latency 50` (ms of each provider call), `--seed 7`.
 * @throws WrongArguments naming every wrong one
 */
export function parseOptions(args: readonly string[]): EveningOptions {
  const given = new Map<string, string>();
  const faults: string[] = [];
  for (let place = 0; place < args.length; place += 1) {
    const name = args[place]!;
    if (name === '--json') given.set(name, 'true');
    else if (
      ['--teachers', '--slots', '--provider', '--unavailable', '--limited', '--latency', '--seed'].includes(name)
    )
      given.set(name, args[++place] ?? '');
    else faults.push(`${name} is no option of the evening.`);
  }
  const number = (name: string, fallback: number, min: number, max: number) => {
    const value = given.has(name) ? Number(given.get(name)) : fallback;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    faults.push(`${name} must be a whole number from ${min} to ${max}.`);
    return fallback;
  };
  const provider = PROVIDERS.find((word) => word === (given.get('--provider') ?? 'google-meet'));
  if (!provider) faults.push(`--provider must be one of ${PROVIDERS.join(', ')}.`);
  const options = {
    teachers: number('--teachers', 40, 1, 1_000),
    slots: number('--slots', 15, 1, 100),
    provider: provider ?? ('both' as const),
    json: given.has('--json'),
    seed: number('--seed', 1, 0, 2 ** 31),
    latencyMs: number('--latency', 0, 0, 60_000),
    faults: faultRules(number('--unavailable', 0, 0, 90), number('--limited', 0, 0, 90)),
  };
  if (faults.length > 0) throw new WrongArguments(faults);
  return options;
}

/** Both providers' calls, not the sign-in pages: a teacher who cannot sign in is another evening. */
function faultRules(unavailable: number, limited: number): FaultRule[] {
  const providers = [
    { provider: 'google', operation: 'events', down: '503.backendError', busy: '429.rateLimitExceeded' },
    { provider: 'google', operation: 'calendars', down: '503.backendError', busy: '429.rateLimitExceeded' },
    {
      provider: 'microsoft',
      operation: 'onlineMeetings',
      down: '503.ServiceUnavailable',
      busy: '429.TooManyRequests',
    },
  ] as const;
  return providers.flatMap(({ provider, operation, down, busy }) => [
    ...(unavailable > 0
      ? [
          {
            id: `${operation} 503`,
            match: { provider, operation },
            fault: down,
            rate: unavailable / 100,
          },
        ]
      : []),
    ...(limited > 0
      ? [
          {
            id: `${operation} 429`,
            match: { provider, operation },
            fault: busy,
            rate: limited / 100,
            retryAfter: 1,
          },
        ]
      : []),
  ]);
}
