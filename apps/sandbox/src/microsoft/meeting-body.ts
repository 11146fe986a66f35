import type { OnlineMeeting } from '@microsoft/microsoft-graph-types';
import { Refusal } from '../http/answer.js';

/** What PATCH may change (providers.md §4.4); anything else is refused. */
const UPDATABLE = [
  'allowAttendeeToEnableCamera',
  'allowAttendeeToEnableMic',
  'allowBreakoutRooms',
  'allowCopyingAndSharingMeetingContent',
  'allowedLobbyAdmitters',
  'allowedPresenters',
  'allowLiveShare',
  'allowMeetingChat',
  'allowPowerPointSharing',
  'allowRecording',
  'allowTeamworkReactions',
  'allowTranscription',
  'allowWhiteboard',
  'broadcastSettings',
  'endDateTime',
  'isEntryExitAnnounced',
  'lobbyBypassSettings',
  'participants',
  'recordAutomatically',
  'startDateTime',
  'subject',
  'watermarkProtection',
];
/** Writable once, when the meeting is made (providers.md §4.3). */
const CREATABLE = [
  ...UPDATABLE,
  'allowParticipantsToChangeName',
  'chatInfo',
  'isEndToEndEncryptionEnabled',
  'joinMeetingIdSettings',
  'meetingTemplateId',
  'sensitivityLabelAssignment',
  'shareMeetingChatHistoryDefault',
];
const WORDS: Record<string, readonly string[]> = {
  allowedPresenters: ['everyone', 'organization', 'roleIsPresenter', 'organizer'],
  allowMeetingChat: ['enabled', 'disabled', 'limited'],
  allowedLobbyAdmitters: ['organizerAndCoOrganizersAndPresenters', 'organizerAndCoOrganizers'],
  allowLiveShare: ['enabled', 'disabled'],
};
const LOBBY_SCOPES = [
  'organizer',
  'organization',
  'organizationAndFederated',
  'everyone',
  'invited',
  'organizationExcludingGuests',
];
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,12})?(Z|[+-]\d{2}:\d{2})$/u;
const HOUR_MS = 3_600_000;

export interface Times {
  startDateTime: string;
  endDateTime: string;
}

/** Times by the rules of createOrGet: both default, an end alone or before the start is an error (§4.1). */
export const meetingTimes = (body: Record<string, unknown>, now: Date): Times => {
  const { startDateTime, endDateTime } = body;
  if (startDateTime === undefined || startDateTime === null) {
    if (endDateTime !== undefined && endDateTime !== null) throw bad('An endDateTime needs a startDateTime.');
    return { startDateTime: now.toISOString(), endDateTime: new Date(now.getTime() + HOUR_MS).toISOString() };
  }
  const start = instant(startDateTime);
  const end = endDateTime === undefined || endDateTime === null ? start + HOUR_MS : instant(endDateTime);
  return inOrder(start, end);
};

/** Times of a PATCH: both or none (§4.4). */
export const changedTimes = ({ startDateTime, endDateTime }: Record<string, unknown>): Times | undefined => {
  if (startDateTime === undefined && endDateTime === undefined) return undefined;
  if (startDateTime === undefined || endDateTime === undefined) {
    throw bad('startDateTime and endDateTime must be given together.');
  }
  return inOrder(instant(startDateTime), instant(endDateTime));
};

const inOrder = (start: number, end: number): Times => {
  if (end < start) throw bad('endDateTime is before startDateTime.');
  return { startDateTime: new Date(start).toISOString(), endDateTime: new Date(end).toISOString() };
};

const instant = (value: unknown): number => {
  const at = typeof value === 'string' && INSTANT.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) throw bad('A date-time is not valid.');
  return at;
};

export const settingsToCreate = (body: Record<string, unknown>): OnlineMeeting => settings(body, CREATABLE);
export const settingsToChange = (body: Record<string, unknown>): OnlineMeeting => settings(body, UPDATABLE);

const settings = (body: Record<string, unknown>, allowed: readonly string[]): OnlineMeeting => {
  for (const [name, value] of Object.entries(body)) {
    if (name === '@odata.type') continue;
    if (!allowed.includes(name)) throw bad(`The property ${name} cannot be written.`);
    const words = WORDS[name];
    if (words && value !== null && !words.includes(value as string)) throw bad(`The value of ${name} is not known.`);
  }
  const scope = (body.lobbyBypassSettings as { scope?: string } | null | undefined)?.scope;
  if (scope !== undefined && !LOBBY_SCOPES.includes(scope))
    throw bad('The value of lobbyBypassSettings.scope is not known.');
  return body;
};

export const bad = (message: string): Refusal => new Refusal('400.BadRequest', message);
