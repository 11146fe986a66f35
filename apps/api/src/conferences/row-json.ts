import type { ConferenceRow } from '#libs/conferences';
import { REASON_ACTIONS } from '../pages/texts/reason-actions.js';

/** What somebody can do about a row: the closed words of `action`, the same as on the page. */
export function actionOf(row: Pick<ConferenceRow, 'status' | 'reason' | 'waitsForId' | 'owner'>): string | undefined {
  const known = Object.hasOwn(REASON_ACTIONS, row.reason ?? '')
    ? REASON_ACTIONS[row.reason as keyof typeof REASON_ACTIONS]
    : null;
  // After a take-over the old owner is shown, and has nothing to do.
  if (row.status === 'needs_owner') return row.waitsForId === row.owner?.id ? 'connect' : 'wait';
  if (row.status === 'failed') return known === 'ask-admin' ? 'ask-admin' : 'retry';
  return row.status === 'retrying' ? 'wait' : undefined;
}

/** One row of the contract. */
export const rowJson = (row: ConferenceRow) => ({
  timeslotId: row.timeslotId,
  start: row.start.toISOString(),
  end: row.end.toISOString(),
  status: row.status,
  joinable: row.joinable,
  provider: row.provider,
  owner: row.owner,
  ...(row.reason !== null && { reason: row.reason }),
  ...(actionOf(row) && { action: actionOf(row) }),
  ...(row.meetingUrl !== null && { meetingUrl: row.meetingUrl }),
});
