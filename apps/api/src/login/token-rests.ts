/** Far more accounts than ever rest at once in one process; beyond it the one that began first is forgotten. */
const MOST = 10_000;

/**
 * Until when the token endpoint must not be asked for an account, since it said so (P10). In memory, of this process
 * only: another one finds out by one answer of its own. Keys are keyed hashes, so that nothing here names a person.
 */
export class TokenRests {
  private readonly until = new Map<string, Date>();

  constructor(private readonly most = MOST) {}

  begin(key: string, until: Date): void {
    this.until.delete(key);
    this.until.set(key, until);
    const [first] = this.until.keys();
    if (this.until.size > this.most && first !== undefined) this.until.delete(first);
  }

  /** Null: it may be asked. */
  endOf(key: string, now: Date): Date | null {
    const until = this.until.get(key);
    if (until && until > now) return until;
    this.until.delete(key);
    return null;
  }
}
