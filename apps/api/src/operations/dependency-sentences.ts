import type { AwayDependency, Dependency } from '#libs/platform';

/** What is affected, and what to do; the first word of the failure and since when stand before it. */
const SAID: Readonly<Record<Dependency, readonly [what: string, affected: string]>> = {
  'host-keys': [
    'The key set of the parent-meetings module (HOST_JWKS_URL)',
    'Its last keys serve for 12 hours; until they do not, sign-ins and API calls work, and answer 503 after that. Check HOST_JWKS_URL, and whether the module is up.',
  ],
  'google-sign-in': [
    'Google’s sign-in service (GOOGLE_ISSUER)',
    'Google accounts cannot be connected, and meetings of Google owners wait. Check the network and GOOGLE_ISSUER; it goes on by itself.',
  ],
  'microsoft-sign-in': [
    'Microsoft’s sign-in service (MICROSOFT_ISSUER)',
    'Microsoft accounts cannot be connected, and meetings of Microsoft owners wait. Check the network and MICROSOFT_ISSUER; it goes on by itself.',
  ],
  'key-management': [
    'The key service (KEY_RING)',
    'What is sealed with keys that are not in memory cannot be read or written: those requests answer 503. Check KMS, its permissions and the network.',
  ],
};

/** What this process cannot reach, for ops: who, since when, and what to do. */
export const dependencySentences = (away: readonly AwayDependency[]): string[] =>
  away.map(({ name, since, code }) => {
    const [what, affected] = SAID[name];
    return `${what} does not answer since ${since.toISOString().slice(0, 16).replace('T', ' ')} UTC (${code}). ${affected}`;
  });
