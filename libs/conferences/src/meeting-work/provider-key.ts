import type { BlindIndex } from '#libs/encryption';

/**
 * The name under which a provider knows our request: the same for every try of one generation, and for nothing else.
 * 48 characters of 0-9 and a-f, which Google takes as an event id.
 */
export const providerKey = (index: BlindIndex, meetingId: string) =>
  index.of('provider-key', meetingId).toString('hex').slice(0, 48);
