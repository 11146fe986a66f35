import type { BlindIndex } from '#libs/encryption';

/**
 * What stands in an entry for a person: a keyed hash of the random reference of that person's data key. The entries of one
 * person are found by it while the key is there; once it is destroyed nobody can tell whose they were, not even by trying
 * every person id.
 */
export const tagOf = (index: BlindIndex, keyReference: string): Buffer => index.of('audit-person', keyReference);
