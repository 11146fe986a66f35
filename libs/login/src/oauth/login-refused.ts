/**
 * Why a login did not come about or goes on no longer; pages have a sentence for each.
 *
 * | reason | means | who acts |
 * |---|---|---|
 * | declined | the teacher said no | teacher |
 * | scope-missing | signed in, but did not allow the calendar or meetings | teacher |
 * | personal-account | a private Microsoft account | teacher |
 * | admin-consent-needed | the school's admin must approve the application | school |
 * | other-domain | not an account of this school | teacher |
 * | email-not-verified | the provider does not vouch for the address | teacher |
 * | state-mismatch | expired, used before, begun by somebody else, or forged | start again |
 * | login-ended | the grant is over | teacher reconnects |
 * | configuration | the provider refuses our application | ops |
 * | unavailable | the provider is down, or said what we do not know | later |
 */
export type LoginRefusal =
  | 'declined'
  | 'scope-missing'
  | 'personal-account'
  | 'admin-consent-needed'
  | 'other-domain'
  | 'email-not-verified'
  | 'state-mismatch'
  | 'login-ended'
  | 'configuration'
  | 'unavailable';

/** A failed login in our own words. Never carries what the provider said: that may hold tokens, codes and addresses. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused';

  constructor(
    readonly reason: LoginRefusal,
    /** The earliest next try, where the provider said so (`Retry-After`); only with `unavailable`. */
    readonly until?: Date,
    /** What was away: a status or an error code; only with `unavailable`, and not where only this account must wait. */
    readonly away?: string,
  ) {
    super(`The login was refused (${reason}).`);
  }
}
