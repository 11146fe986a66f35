import type { ConferenceRow } from '#libs/conferences';
import { REASON_ACTIONS } from '../pages/texts/reason-actions.js';

/** What the viewer can do about a row: the closed words of `action`, the same as on the page. */
function actionOf(row: ConferenceRow, viewerId: string): string | undefined {
  const known = Object.hasOwn(REASON_ACTIONS, row.reason ?? '')
    ? REASON_ACTIONS[row.reason as keyof typeof REASON_ACTIONS]
    : null;
  // After a take-over the old owner is shown and has nothing to do; who took over connects.
  if (row.status === 'needs_owner')
    return [row.owner?.id, viewerId].includes(row.waitsForId ?? '') ? 'connect' : 'wait';
  // Also beside `ready` and `removing`, where an earlier meeting could not be removed.
  if (row.status === 'failed' || row.leftIn !== null) return known === 'ask-admin' ? 'ask-admin' : 'retry';
  return row.status === 'retrying' ? 'wait' : undefined;
}

/** One row of the contract, as this person sees it. */
export const rowJson = (row: ConferenceRow, viewerId: string) => ({
  timeslotId: row.timeslotId,
  start: row.start.toISOString(),
  end: row.end.toISOString(),
  status: row.status,
  joinable: row.joinable,
  provider: row.provider,
  owner: row.owner,
  ...(row.reason !== null && { reason: row.reason }),
  ...(actionOf(row, viewerId) && { action: actionOf(row, viewerId) }),
  ...(row.meetingUrl !== null && { meetingUrl: row.meetingUrl }),
});
