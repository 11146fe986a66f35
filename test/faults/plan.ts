import fc from 'fast-check';
import type { LoginName, ProviderName } from '#libs/providers';

/**
 * A history as plain data: what school, people, providers and fate do, step by step. Made from a seed, run by the
 * simulation and by real processes alike. Indices are taken modulo what there is.
 */
export interface History {
  readonly seed: number;
  /** The instant at which it begins; some begin in the night in which clocks change. */
  readonly begins: string;
  /** Every teacher is there at the start. */
  readonly present: boolean;
  readonly steps: readonly Step[];
}

export type SlotChange =
  | { readonly what: 'move'; readonly minutes: number }
  | { readonly what: 'cancel' }
  | { readonly what: 'restore' }
  | { readonly what: 'family'; readonly parents: readonly number[] }
  | { readonly what: 'teacher'; readonly teacher: number }
  | { readonly what: 'wish'; readonly provider: ProviderName | null };

/** What strikes one job. `at` counts the places where it can: before and after each commit and each provider call. */
export type Fault =
  | { readonly kind: 'crash' | 'freeze' | 'lost-reply'; readonly at: number }
  | {
      readonly kind: 'unavailable' | 'limited' | 'account-quota' | 'refused' | 'login-ended' | 'unknown' | 'not-there';
      readonly seconds: number;
    };

export type Step =
  | { readonly do: 'change'; readonly slot: number; readonly change: SlotChange; readonly speaks: boolean }
  | { readonly do: 'tell'; readonly pick: number; readonly again: boolean; readonly lostReply: boolean }
  | { readonly do: 'left' | 'named'; readonly person: number }
  | { readonly do: 'window'; readonly minutes: number | null }
  | {
      readonly do: 'want';
      readonly teacher: number;
      readonly provider: ProviderName;
      readonly slot: number | null;
      readonly onlyMissing: boolean;
    }
  | { readonly do: 'unwant' | 'retry'; readonly slot: number }
  | {
      readonly do: 'take-over';
      readonly teacher: number;
      readonly provider: ProviderName;
      readonly slot: number;
      readonly evening: boolean;
    }
  | { readonly do: 'visit'; readonly teacher: number; readonly login: LoginName; readonly account: 1 | 2 }
  | { readonly do: 'log-out' | 'login-ends'; readonly teacher: number }
  | { readonly do: 'join'; readonly slot: number; readonly parent: number }
  | { readonly do: 'outside'; readonly pick: number; readonly what: 'delete' | 'move' | 'open-lobby' | 'delete-place' }
  | { readonly do: 'work'; readonly pick: number; readonly worker: number; readonly fault: Fault | null }
  | { readonly do: 'mail'; readonly pick: number; readonly worker: number; readonly fault: Fault | null }
  | { readonly do: 'thaw'; readonly pick: number }
  | { readonly do: 'kill'; readonly worker: number }
  | { readonly do: 'wipe-queue' | 'stalled' | 'upkeep' }
  /** Everything is worked, nobody visits, and all must be right: for scenarios in which nothing was struck. */
  | { readonly do: 'be-right' }
  | { readonly do: 'pass'; readonly seconds: number };

export const TEACHERS = 3;
export const PARENTS = 4;
export const SLOTS = 4;

const provider = fc.constantFrom<ProviderName>('google-meet', 'microsoft-teams');
const slot = fc.nat(SLOTS - 1);
const teacher = fc.nat(TEACHERS - 1);
const pick = fc.nat(997);
const worker = fc.nat(1);
const seconds = fc.constantFrom(1, 5, 20, 45, 61, 90);

const change: fc.Arbitrary<SlotChange> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('move' as const), minutes: fc.integer({ min: -30, max: 120 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ what: 'cancel' as const }) },
  { weight: 2, arbitrary: fc.constant({ what: 'restore' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('family' as const),
      parents: fc.uniqueArray(fc.nat(PARENTS - 1), { maxLength: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('teacher' as const), teacher }) },
  {
    weight: 3,
    arbitrary: fc.record({ what: fc.constant('wish' as const), provider: fc.option(provider, { freq: 3 }) }),
  },
);

const fault: fc.Arbitrary<Fault> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('crash' as const, 'freeze' as const, 'lost-reply' as const),
      at: fc.nat(7),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'unavailable' as const,
        'unknown' as const,
        'limited' as const,
        'account-quota' as const,
        'refused' as const,
        'login-ended' as const,
      ),
      seconds,
    }),
  },
);

const of = <T extends string>(name: T) => fc.constant(name);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 14, arbitrary: fc.record({ do: of('change'), slot, change, speaks: fc.boolean() }) },
  {
    weight: 16,
    arbitrary: fc.record({
      do: of('tell'),
      pick,
      again: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
      lostReply: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('left' as const, 'named' as const),
      person: fc.nat(TEACHERS + PARENTS - 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: of('window'), minutes: fc.constantFrom(10, null, 60) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: of('want'), teacher, provider, slot: fc.option(slot), onlyMissing: fc.boolean() }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('unwant' as const, 'retry' as const), slot }) },
  { weight: 3, arbitrary: fc.record({ do: of('take-over'), teacher, provider, slot, evening: fc.boolean() }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: of('visit'),
      teacher,
      login: fc.constantFrom<LoginName>('google', 'microsoft'),
      account: fc.constantFrom<1 | 2>(1, 1, 1, 1, 2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('log-out' as const, 'login-ends' as const), teacher }) },
  { weight: 5, arbitrary: fc.record({ do: of('join'), slot, parent: fc.nat(PARENTS - 1) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: of('outside'),
      pick,
      what: fc.constantFrom('delete' as const, 'move' as const, 'open-lobby' as const, 'delete-place' as const),
    }),
  },
  { weight: 30, arbitrary: fc.record({ do: of('work'), pick, worker, fault: fc.option(fault, { freq: 2 }) }) },
  { weight: 10, arbitrary: fc.record({ do: of('mail'), pick, worker, fault: fc.option(fault, { freq: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ do: of('thaw'), pick }) },
  { weight: 2, arbitrary: fc.record({ do: of('kill'), worker }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('wipe-queue' as const, 'stalled' as const, 'upkeep' as const) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: of('pass'), seconds: fc.constantFrom(1, 5, 20, 41, 62, 130, 1_200, 7_000) }),
  },
);

/** Afternoons, and the nights in which the clocks of Europe/Amsterdam change. */
const begins = fc.constantFrom(
  '2026-11-24T15:00:00.000Z',
  '2026-11-24T15:00:00.000Z',
  '2026-11-24T15:00:00.000Z',
  '2026-10-24T23:10:00.000Z',
  '2027-03-27T23:10:00.000Z',
);

const history = fc.record({
  begins,
  present: fc.boolean(),
  steps: fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }),
});

/** The history of a seed: the same for ever, as long as this file is. */
export function historyOf(seed: number): History {
  const [made] = fc.sample(history, { seed, numRuns: 1 });
  return { seed, ...made! };
}
