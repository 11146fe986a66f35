import type { Secret } from '#libs/encryption';
import type { LoginName } from '#libs/providers';

/** What a sign-in that is under way must be matched with when its person comes back. */
export interface LoginTransaction {
  readonly login: LoginName;
  readonly personId: string;
  /** Own path to go to afterwards. */
  readonly to: string;
  readonly state: string;
  readonly nonce: string;
  /** PKCE. */
  readonly verifier: Secret;
}
