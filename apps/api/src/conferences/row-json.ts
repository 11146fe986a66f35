import type { ConferenceRow } from '#libs/conferences';

/** Reasons, and what somebody can do about each: the closed words of `action`. */
export const actionOf = (row: Pick<ConferenceRow, 'status' | 'reason'>): string | undefined => {
  if (row.status === 'needs_owner') return 'connect';
  if (row.status === 'failed')
    return row.reason === 'no-licence' || row.reason === 'blocked-by-admin' || row.reason === 'configuration'
      ? 'ask-admin'
      : 'retry';
  if (row.status === 'retrying') return 'wait';
  return undefined;
};

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
