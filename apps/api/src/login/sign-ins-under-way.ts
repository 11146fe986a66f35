/** Two tabs that open at the same moment send the same cookies: which names were given to whom a moment ago. */
export class JustGiven {
  private readonly names = new Map<string, Set<string>>();

  to(personId: string): ReadonlySet<string> {
    return this.names.get(personId) ?? new Set();
  }

  add(personId: string, name: string): void {
    const names = this.names.get(personId) ?? new Set();
    this.names.set(personId, names.add(name));
    setTimeout(() => {
      names.delete(name);
      if (names.size === 0) this.names.delete(personId);
    }, MOMENT_MS).unref();
  }
}

/** A code can be traded once: a callback that is loaded twice at the same moment is given the same result. */
export class Finishing<T> {
  private readonly results = new Map<string, Promise<T>>();

  /** @param key whose sign-in it is, and which */
  once(key: string, finish: () => Promise<T>): Promise<T> {
    const known = this.results.get(key);
    if (known) return known;
    const result = finish();
    this.results.set(key, result);
    const forget = () => void setTimeout(() => this.results.delete(key), MOMENT_MS).unref();
    result.then(forget, forget);
    return result;
  }
}

const MOMENT_MS = 10_000;
