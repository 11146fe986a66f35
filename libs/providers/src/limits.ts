import type { ProviderName } from './meeting-provider.js';

/** How often a provider may be asked, with a tenth kept back: other programs of the same project count too. */
export interface ProviderLimits {
  /** Requests that one job makes at most: a place, a write, and what an answer of "exists already" asks for. */
  readonly perJob: number;
  /** Requests that a job makes at most when nothing went wrong before it (a removal). */
  readonly perOrdinaryJob: number;
  /** Requests of a verifying read. */
  readonly perRead: number;
  /** Of one account, over all schools: requests in any minute, and how many of them at once. */
  readonly account: { readonly perMinute: number; readonly burst: number };
  /** Of the whole application, over all accounts. */
  readonly application: { readonly requests: number; readonly seconds: number };
}

export const PROVIDER_LIMITS: Readonly<Record<ProviderName, ProviderLimits>> = {
  // 600 a minute per user and 10,000 per project, in a sliding window (providers.md §2.6).
  'google-meet': {
    perJob: 5,
    perOrdinaryJob: 3,
    perRead: 1,
    account: { perMinute: 540, burst: 240 },
    application: { requests: 9_000, seconds: 60 },
  },
  // 5,000 in 10 s per application (providers.md §4.8). None is published per user: held to Google's.
  'microsoft-teams': {
    perJob: 4,
    perOrdinaryJob: 3,
    perRead: 1,
    account: { perMinute: 540, burst: 240 },
    application: { requests: 4_500, seconds: 10 },
  },
};

/** The windows in which the queue counts; it begins each with its first job. */
const WINDOW_SECONDS = 10;

/**
 * How many jobs of a provider may begin in one window of a queue, tries included, so that no sliding window of the
 * provider holds too many requests: it can touch one window more than fit into it.
 */
export function jobsPerWindow(provider: ProviderName): { max: number; duration: number } {
  const { application, perOrdinaryJob } = PROVIDER_LIMITS[provider];
  const touched = Math.ceil(application.seconds / WINDOW_SECONDS) + 1;
  return { max: Math.floor(application.requests / perOrdinaryJob / touched), duration: WINDOW_SECONDS * 1000 };
}
