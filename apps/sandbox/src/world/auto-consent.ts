/** How a sign-in page decides when no person is there to press a button. One for both providers. */
export class AutoConsent {
  /** On: the authorize page answers at once, with the account of `sandbox_account`, login_hint, or `nextAccount`. */
  on = false;
  /** Used, once, by the next automatic sign-in without another hint. */
  nextAccount: string | undefined;

  accountFor(hints: { sandboxAccount?: string; loginHint?: string }, fallback: string): string {
    const account = hints.sandboxAccount ?? this.nextAccount ?? hints.loginHint ?? fallback;
    if (hints.sandboxAccount === undefined) this.nextAccount = undefined;
    return account;
  }
}
