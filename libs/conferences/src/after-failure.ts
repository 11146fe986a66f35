import type { ProviderError } from '#libs/providers';
import type { MeetingState } from './model.js';

export interface AfterFailure {
  readonly change: Partial<MeetingState>;
  readonly dueAt: Date | null;
  /** The account's other work waits with it: a queue's own short retry is under way. */
  readonly holdLane: boolean;
  readonly pauseLaneUntil: Date | null;
  readonly word: string;
}

const BASE_MS = 2_000;
/** Everything heals within two minutes of the last fault (invariant 9). */
const CAP_MS = 60_000;

/** Full jitter: anything from a tenth of the step to the step, so that a storm spreads. */
export const backoffMs = (failures: number, random: number) =>
  Math.round(Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures, 16)) * (0.1 + 0.9 * random));

/**
 * What a provider's failure means for the meeting. Pure but for `random`. An outcome that is not known keeps its intent:
 * the next try asks by key before anything else.
 * @param context.wasOpen an earlier call's outcome was not known when this one began
 * @param context.retrySoonMs a job's own attempts cover seconds: the queue tries again by itself after so long
 */
export function afterFailure(
  meeting: MeetingState,
  error: ProviderError,
  context: { now: Date; retrySoonMs: number | null; wasOpen: boolean; random?: number },
): AfterFailure {
  const { now } = context;
  const unknown = error.details.outcomeUnknown === true;
  // An earlier try whose outcome is not known stays open, whatever this one's clean failure says.
  const operation = unknown || context.wasOpen ? meeting.operation : null;
  const stay = { dueAt: null, holdLane: false, pauseLaneUntil: null };
  switch (error.word) {
    case 'rate-limited': {
      const until =
        error.details.until ?? new Date(now.getTime() + backoffMs(meeting.failures, context.random ?? Math.random()));
      return {
        ...stay,
        word: 'rate-limited',
        change: { state: 'waiting', reason: error.code, operation },
        dueAt: until,
        pauseLaneUntil: until,
      };
    }
    case 'login-required':
      return { ...stay, word: 'parked', change: { state: 'parked', reason: error.code, operation } };
    case 'refused':
      return { ...stay, word: 'stuck', change: { state: 'stuck', reason: error.code, operation } };
    case 'not-found':
      if (error.code === 'place-not-found')
        return {
          ...stay,
          word: 'place-gone',
          change: {
            state: 'pending',
            failures: meeting.failures + 1,
            operation: null,
            idIndex: null,
            // Its URL is dead: nobody is sent there any more.
            urlIndex: null,
            madeSealed: null,
          },
        };
      // Deleted outside: this generation ends, and reconcile begins the next one. Whoever only says that it is not there
      // may be mistaken: it is removed as well, so that there are never two.
      return {
        ...stay,
        word: 'deleted-outside',
        change:
          (meeting.madeSealed !== null || context.wasOpen) && meeting.wished && error.details.status === 404
            ? {
                state: 'pending',
                wished: false,
                wishVersion: meeting.wishVersion + 1,
                failures: 0,
                operation: context.wasOpen ? meeting.operation : null,
                reason: null,
                urlIndex: null,
              }
            : { state: 'gone', operation: null, reason: 'not-found' },
      };
    case 'unavailable': {
      const failures = meeting.failures + 1;
      if (context.retrySoonMs !== null) {
        const dueAt = new Date(now.getTime() + context.retrySoonMs + 15_000);
        return {
          ...stay,
          word: 'retry-soon',
          change: { state: 'pending', reason: error.code, failures, operation },
          dueAt,
          holdLane: true,
        };
      }
      const wait = new Date(now.getTime() + backoffMs(failures, context.random ?? Math.random()));
      const dueAt = error.details.until && error.details.until > wait ? error.details.until : wait;
      // A Retry-After is about more than this one meeting.
      const pauseLaneUntil = error.details.until ?? null;
      const change = { state: 'waiting' as const, reason: error.code, failures, operation };
      return { ...stay, word: 'waiting', change, dueAt, pauseLaneUntil };
    }
  }
}
