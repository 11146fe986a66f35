import { setTimeout as pause } from 'node:timers/promises';
import { createLocalJWKSet, errors, importJWK, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { type DependencyHealth, failureCode } from '#libs/platform';
import { Unavailable } from './problem.js';

/** Fetched anew after this long, so that a key that was taken out of the set is not believed for much longer. */
const FRESH_MS = 10 * 60_000;
/** While the source is away its last keys are believed for so long: an evening, and no more than a session lasts. */
const LAST_GOOD_MS = 12 * 3600_000;
/** Not asked more often, whatever tokens come. */
const COOLDOWN_MS = 5_000;
const TIMEOUT_MS = 5_000;
const LARGEST_BYTES = 256 * 1024;
const RETRY_AFTER_SECONDS = 10;
/** With keys to go on with, nobody waits longer for newer ones. */
const MOMENT_MS = 500;

type KeySet = ReturnType<typeof createLocalJWKSet>;

/**
 * The keys of the parent-meetings module (`HOST_JWKS_URL`). One that we do not know is looked for once more at the source.
 * While the source is away, the last good keys serve; where none are left, nobody is told that the token is wrong: the
 * answer is 503. `jose`'s own remote set forgets its keys when they are old and their source is away.
 */
export class HostKeys {
  private keys: { readonly set: KeySet; readonly fetchedAt: number } | null = null;
  private triedAt = -Infinity;
  private isAway = false;
  private fetching: Promise<void> | null = null;

  /** @param now milliseconds of a clock that does not jump */
  constructor(
    private readonly url: string,
    private readonly health: DependencyHealth,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * @throws JWKSNoMatchingKey where the source answers and does not know the key
   * @throws Unavailable where nobody can say
   */
  readonly get: JWTVerifyGetKey = async (header, token) => {
    if (this.isAway || this.age() > FRESH_MS) await this.refresh('with-what-there-is');
    const held = this.usable();
    if (!held) throw new Unavailable(SAID, RETRY_AFTER_SECONDS);
    try {
      return await held(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.refresh('when-answered');
      const renewed = this.usable();
      // It may be a key of today, which a source that is away cannot tell us of.
      if (this.isAway || !renewed) throw new Unavailable(SAID, RETRY_AFTER_SECONDS);
      return renewed(header, token);
    }
  };

  /** Fetches the keys before anybody needs them, so that a source that is away shows at the start. */
  warmUp(): Promise<void> {
    return this.refresh('when-answered');
  }

  private age(): number {
    return this.keys ? this.now() - this.keys.fetchedAt : Infinity;
  }

  private usable(): KeySet | null {
    return this.keys && this.age() < LAST_GOOD_MS ? this.keys.set : null;
  }

  /**
   * Asks the source, unless it was asked a moment ago.
   * @param goOn `with-what-there-is`: a source that is away is not waited for where there are keys to go on with
   */
  private async refresh(goOn: 'when-answered' | 'with-what-there-is'): Promise<void> {
    if (!this.fetching && this.now() - this.triedAt < COOLDOWN_MS) return;
    this.fetching ??= this.fetch().finally(() => (this.fetching = null));
    if (goOn === 'when-answered' || !this.usable()) await this.fetching;
    else if (!this.isAway) await Promise.race([this.fetching, pause(MOMENT_MS)]);
  }

  /** Never rejects. */
  private async fetch(): Promise<void> {
    this.triedAt = this.now();
    try {
      const set = createLocalJWKSet(await usableKeys(await fetchKeySet(this.url)));
      this.keys = { set, fetchedAt: this.now() };
      this.isAway = false;
      this.health.answered('host-keys');
    } catch (error) {
      this.isAway = true;
      this.health.failed('host-keys', error instanceof BadAnswer ? error.code : failureCode(error));
    }
  }
}

const SAID =
  'The keys of the parent-meetings module cannot be fetched just now, so nobody can be let in. Try again in a moment.';

/**
 * Those keys that a token can be verified with. A set without one is a mistake of its source, and must not take the place of
 * keys that were good.
 */
async function usableKeys({ keys }: JSONWebKeySet): Promise<JSONWebKeySet> {
  const usable = await Promise.all(
    keys.map((key) =>
      importJWK(key, key?.kty === 'OKP' ? 'EdDSA' : 'ES256').then(
        (imported) => !(imported instanceof Uint8Array) && imported.type === 'public',
        () => false,
      ),
    ),
  );
  const left = keys.filter((_, position) => usable[position]);
  if (left.length === 0) throw new BadAnswer('NO_USABLE_KEYS');
  return { keys: left };
}

/** The source answered, and not with a key set. */
class BadAnswer extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

async function fetchKeySet(url: string): Promise<JSONWebKeySet> {
  const response = await fetch(url, {
    headers: { accept: 'application/json, application/jwk-set+json' },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new BadAnswer(`HTTP_${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > LARGEST_BYTES) throw new BadAnswer('TOO_LARGE');
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const parsed = ((): JSONWebKeySet => {
    try {
      return JSON.parse(text) as JSONWebKeySet;
    } catch {
      throw new BadAnswer('NO_KEY_SET');
    }
  })();
  // Nobody signs with no key: such an answer is a mistake, and would turn everybody away.
  if (!Array.isArray(parsed?.keys) || parsed.keys.length === 0) throw new BadAnswer('NO_KEYS');
  return parsed;
}
