import type { Secret } from '#libs/encryption';

/** The conference providers, by the name that the contract uses. */
export const PROVIDERS = ['google-meet', 'microsoft-teams'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

/** What a worker holds while it acts in a teacher's account. Lives in memory only. */
export interface ProviderAccess {
  readonly accessToken: Secret;
  /** Ends the call; whatever the provider did by then is an unknown outcome. */
  readonly signal: AbortSignal;
}

/** The meeting that one generation of a conference asks for. Holds nothing about parents or children (R8). */
export interface MeetingWish {
  /**
   * Asked twice with the same key, a provider answers with the meeting it already made.
   * 32 to 64 characters of a-v and 0-9 (base32hex, so that Google takes it as an event id).
   */
  readonly key: string;
  /** Where meetings of this account go: Google's calendar id as `openPlace` gave it; null where a provider has none. */
  readonly place: Secret | null;
  /** The provider's id as far as it is known; null before the first answer. */
  readonly id: Secret | null;
  readonly start: Date;
  readonly end: Date;
  /** IANA zone of the school. */
  readonly timeZone: string;
  /** Neutral, e.g. "Parent meeting": no name of a parent, a child or a class. */
  readonly title: string;
}

/** What the provider says there is. */
export interface MeetingSeen {
  readonly id: Secret;
  /** The provider's join URL; null while the provider is still making it (`pending`) or failed to (`failed`). */
  readonly url: Secret | null;
  readonly conference: 'ready' | 'pending' | 'failed';
  /** What keeps families apart is set as we set it (Teams: lobby, no recording, P9). True where a provider has no such settings. */
  readonly settingsHold: boolean;
  readonly start: Date;
  readonly end: Date;
}

/**
 * One provider of meetings. Every method throws `ProviderError` and nothing else; none retries, sleeps, lists or
 * searches. Each is safe to call twice.
 */
export interface MeetingProvider {
  readonly name: ProviderName;

  /** How many provider requests a successful `create` makes: the bench's ideal and the limits count with it. */
  readonly requestsPerCreate: number;

  /**
   * Makes the place that this account's meetings go to (Google: a calendar of our own, so that no other item can be
   * read, R3). Null where the provider needs none, or where the configured scope works on the account's own calendar
   * (then the answer is that calendar's name, e.g. `primary`).
   * @throws ProviderError refused('no-conferences') when the account cannot make video conferences.
   */
  openPlace(access: ProviderAccess, place: { title: string; timeZone: string }): Promise<Secret | null>;

  /** Makes the meeting, or answers with the one that `wish.key` already made, brought to the wish. A key whose meeting was deleted: `not-found`. */
  create(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen>;

  /** Asks for this one meeting by its id. Deleted or unknown: `not-found`. */
  read(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen>;

  /**
   * Brings times and settings to the wish (Teams: lobby for all but the organizer, no recording, verified in the answer).
   * Same URL. Where the conference failed to be made, asks for it anew.
   */
  update(access: ProviderAccess, wish: MeetingWish): Promise<MeetingSeen>;

  /**
   * Locks, blanks and deletes, then verifies as far as the provider tells. Already gone is success. With `id` null (the
   * create's answer was lost) finds the meeting by its key first.
   */
  remove(access: ProviderAccess, wish: MeetingWish): Promise<void>;
}
