const PREFIX = 'https://www.googleapis.com/auth/';

export const APP_CREATED = `${PREFIX}calendar.app.created`;
const WHOLE_CALENDAR = [`${PREFIX}calendar.events.owned`, `${PREFIX}calendar.events`, `${PREFIX}calendar`];

/** Google answers with the long form of the sign-in scopes (providers.md §1.3). */
export const longForm = (scope: string): string =>
  scope === 'email' || scope === 'profile' ? `${PREFIX}userinfo.${scope}` : scope;

export const isSignInScope = (scope: string): boolean =>
  scope === 'openid' || longForm(scope).startsWith(`${PREFIX}userinfo.`);

/** Whether these scopes reach calendars that the app did not make. */
export const reachesAllCalendars = (scopes: readonly string[]): boolean =>
  WHOLE_CALENDAR.some((scope) => scopes.includes(scope));

export const mayWriteEvents = (scopes: readonly string[]): boolean =>
  scopes.includes(APP_CREATED) || reachesAllCalendars(scopes);

/** calendars.insert, get, delete: only these two of ours (providers.md §1.4). */
export const mayMakeCalendars = (scopes: readonly string[]): boolean =>
  scopes.includes(APP_CREATED) || scopes.includes(`${PREFIX}calendar`);

const WORDS: Record<string, string> = {
  [APP_CREATED]: 'Make secondary Google calendars, and see, create, change, and delete events on them',
  [`${PREFIX}calendar.events.owned`]: 'See, create, change, and delete events on Google calendars you own',
  [`${PREFIX}calendar.events`]: 'View and edit events on all your calendars',
};

/** What the consent page calls a scope. */
export const scopeInWords = (scope: string): string => WORDS[scope] ?? scope;
