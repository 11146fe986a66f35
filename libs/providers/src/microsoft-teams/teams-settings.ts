import type { OnlineMeeting } from '@microsoft/microsoft-graph-types';
import { part } from '../answer-parts.js';

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
 * True where Graph's answer says that the settings hold. The lobby must be said: it keeps two families apart. Of the others
 * anything but agreement or silence is a no; some tenants leave out what their plan does not have. Chat is asked for, but a
 * school may force it on.
 */
export const settingsHold = (meeting: unknown): boolean =>
  part(meeting, 'lobbyBypassSettings', 'scope') === MEETING_SETTINGS.lobbyBypassSettings.scope &&
  (part(meeting, 'lobbyBypassSettings', 'isDialInBypassEnabled') ?? false) === false &&
  (part(meeting, 'allowedPresenters') ?? MEETING_SETTINGS.allowedPresenters) === MEETING_SETTINGS.allowedPresenters &&
  NEVER.every((name) => (part(meeting, name) ?? false) === false);

/** True where every setting is said to be as wished: then there is nothing to ask for. Silence is no yes here. */
export const settingsAreAll = (meeting: unknown): boolean =>
  settingsHold(meeting) &&
  part(meeting, 'lobbyBypassSettings', 'isDialInBypassEnabled') === false &&
  part(meeting, 'allowedPresenters') === MEETING_SETTINGS.allowedPresenters &&
  NEVER.every((name) => part(meeting, name) === false);

const NEVER = ['recordAutomatically', 'allowRecording', 'allowTranscription'] as const;
