import type { OnlineMeeting } from '@microsoft/microsoft-graph-types';

/**
 * How a parent meeting is set (P9): everybody but the organizer waits in the lobby, so that the next family cannot walk
 * in; nothing is recorded or written down; only the organizer presents.
 */
export const MEETING_SETTINGS = {
  lobbyBypassSettings: { scope: 'organizer', isDialInBypassEnabled: false },
  allowedPresenters: 'organizer',
  recordAutomatically: false,
  allowRecording: false,
  allowTranscription: false,
  allowMeetingChat: 'disabled',
} as const satisfies OnlineMeeting;

/**
 * True where Graph's answer says that the settings hold. The lobby must be said: it keeps two families apart. Of the others a
 * contrary word is a no; some tenants leave out what their plan does not have. Chat is asked for, but a school may force it on.
 */
export const settingsHold = (meeting: OnlineMeeting): boolean =>
  meeting.lobbyBypassSettings?.scope === MEETING_SETTINGS.lobbyBypassSettings.scope &&
  meeting.lobbyBypassSettings.isDialInBypassEnabled !== true &&
  (meeting.allowedPresenters ?? MEETING_SETTINGS.allowedPresenters) === MEETING_SETTINGS.allowedPresenters &&
  meeting.recordAutomatically !== true &&
  meeting.allowRecording !== true &&
  meeting.allowTranscription !== true;

/** True where every setting is said to be as wished: then there is nothing to ask for. Silence is no yes here. */
export const settingsAreAll = (meeting: OnlineMeeting): boolean =>
  settingsHold(meeting) &&
  meeting.lobbyBypassSettings?.isDialInBypassEnabled === false &&
  meeting.allowedPresenters === MEETING_SETTINGS.allowedPresenters &&
  meeting.recordAutomatically === false &&
  meeting.allowRecording === false &&
  meeting.allowTranscription === false;
