/** As people know them. */
export const PROVIDER_NAMES = { 'google-meet': 'Google Meet', 'microsoft-teams': 'Microsoft Teams' } as const;
