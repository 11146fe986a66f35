import type { LoginName } from '#libs/providers';
import { googleIdentity } from './google-identity.js';
import { LoginFlow } from './login-flow.js';
import { MICROSOFT_SCOPE, microsoftIdentity } from './microsoft-identity.js';
import type { OauthSettings } from './oauth-client.js';

export interface LoginSettings {
  /** `scope` is the whole list: `openid email ${GOOGLE_SCOPE}`. */
  readonly google: OauthSettings;
  /** The scope is fixed, whatever Graph's address is. */
  readonly microsoft: Omit<OauthSettings, 'scope'>;
}

export type LoginFlows = Readonly<Record<LoginName, LoginFlow>>;

/** Every login there is, by name. */
export const loginFlowsFrom = (settings: LoginSettings, now: () => Date = () => new Date()): LoginFlows => ({
  google: new LoginFlow(googleIdentity, settings.google, now),
  microsoft: new LoginFlow(microsoftIdentity, { ...settings.microsoft, scope: MICROSOFT_SCOPE }, now),
});
