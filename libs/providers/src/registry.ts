import { GoogleMeet } from './google-meet/google-meet.js';
import type { GoogleMeetSettings } from './google-meet/google-meet.js';
import type { MeetingProvider, ProviderName } from './meeting-provider.js';
import { MicrosoftTeams } from './microsoft-teams/microsoft-teams.js';
import type { MicrosoftTeamsSettings } from './microsoft-teams/microsoft-teams.js';

/** Whose accounts teachers sign in with. */
export const LOGINS = ['google', 'microsoft'] as const;
export type LoginName = (typeof LOGINS)[number];

/** The login that acts for a provider. */
export const LOGIN_OF: Readonly<Record<ProviderName, LoginName>> = {
  'google-meet': 'google',
  'microsoft-teams': 'microsoft',
};

export interface ProviderSettings {
  readonly google: GoogleMeetSettings;
  readonly microsoft: MicrosoftTeamsSettings;
}

export type ProviderRegistry = Readonly<Record<ProviderName, MeetingProvider>>;

/** Every provider there is, by name. A new one is a folder beside this file and a line here. */
export const providersFrom = (settings: ProviderSettings, now: () => Date = () => new Date()): ProviderRegistry => ({
  'google-meet': new GoogleMeet(settings.google, now),
  'microsoft-teams': new MicrosoftTeams(settings.microsoft, now),
});
