import { createHash } from 'node:crypto';
import type { calendar_v3 } from '@googleapis/calendar';
import { Refusal } from '../http/answer.js';
import type { World } from '../world/world.js';
import type { GoogleAccount } from './accounts.js';
import type { EventRow } from './event-row.js';

type ConferenceData = calendar_v3.Schema$ConferenceData;

/**
 * What a write with conferenceDataVersion=1 does to an event's conference (providers.md §2.3): `null` drops it, a
 * createRequest with a new requestId starts one, with the previous requestId it is ignored.
 */
export const applyConference = (
  world: World,
  account: GoogleAccount,
  row: EventRow,
  asked: ConferenceData | null | undefined,
): void => {
  if (asked === null) {
    delete row.resource.conferenceData;
    delete row.resource.hangoutLink;
    world.ledger.update(row.entry, { url: undefined });
    return;
  }
  const request = asked?.createRequest;
  if (!request) return;
  const { requestId } = request;
  if (!requestId) throw new Refusal('400.required');
  if (request.conferenceSolutionKey?.type !== 'hangoutsMeet' || account.meetDisabled) {
    throw new Refusal('400.invalidConferenceType');
  }
  if (row.resource.conferenceData?.createRequest?.requestId === requestId) return;
  row.resource.conferenceData = conferenceWith(requestId, 'pending');
  delete row.resource.hangoutLink;
  row.readsLeft = account.pendingReads;
  if (row.readsLeft === 0) finishConference(world, account, row);
};

/** Counts a read of an event whose conference is pending; the last one finds it done. True: it has just changed. */
export const readConference = (world: World, account: GoogleAccount, row: EventRow): boolean => {
  if (row.resource.conferenceData?.createRequest?.status?.statusCode !== 'pending') return false;
  row.readsLeft -= 1;
  if (row.readsLeft > 0) return false;
  finishConference(world, account, row);
  return true;
};

const finishConference = (world: World, account: GoogleAccount, row: EventRow): void => {
  const requestId = row.resource.conferenceData?.createRequest?.requestId ?? '';
  if (account.conferenceFailure) {
    row.resource.conferenceData = conferenceWith(requestId, 'failure');
    return;
  }
  const code = meetCode(`${world.random.seed}\n${row.entry.calendarId}\n${row.entry.id}\n${requestId}`);
  const uri = world.meetUrls === 'https' ? `https://meet.google.com/${code}` : `${world.url}/meet/${code}`;
  row.resource.hangoutLink = uri;
  row.resource.conferenceData = {
    ...conferenceWith(requestId, 'success'),
    entryPoints: [{ entryPointType: 'video', uri, label: uri.replace(/^https?:\/\//u, '') }],
    conferenceSolution: { key: { type: 'hangoutsMeet' }, name: 'Google Meet', iconUri: `${world.url}/meet/icon.svg` },
    conferenceId: code,
    signature: createHash('sha256').update(code).digest('base64url'),
  };
  world.ledger.update(row.entry, { url: uri });
};

const conferenceWith = (requestId: string, statusCode: 'pending' | 'success' | 'failure'): ConferenceData => ({
  createRequest: { requestId, conferenceSolutionKey: { type: 'hangoutsMeet' }, status: { statusCode } },
});

/** Ten letters in the form aaa-bbbb-ccc, the same for the same request in every run with this seed. */
export const meetCode = (request: string): string => {
  const bytes = createHash('sha256').update(request).digest();
  const letters = Array.from(bytes.subarray(0, 10), (byte) => String.fromCharCode(97 + (byte % 26))).join('');
  return `${letters.slice(0, 3)}-${letters.slice(3, 7)}-${letters.slice(7)}`;
};
