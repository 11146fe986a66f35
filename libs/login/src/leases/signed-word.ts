import { createHmac, timingSafeEqual } from 'node:crypto';

const mac = (body: string, key: Uint8Array) => createHmac('sha256', key).update(body).digest();

/**
 * A message on the pub/sub channel with proof that one of our processes wrote it. Without it, whoever can publish on
 * Redis could announce a key of theirs and be sent tokens, or lend workers a token of theirs.
 */
export function signWord(word: Readonly<Record<string, unknown>>, key: Uint8Array): string {
  const body = JSON.stringify(word);
  return `${mac(body, key).toString('base64url')}.${body}`;
}

/** The message, or null where none of the keys signed it. */
export function openWord(message: string, keys: readonly Uint8Array[]): Record<string, unknown> | null {
  const dot = message.indexOf('.');
  if (dot < 0) return null;
  const given = Buffer.from(message.slice(0, dot), 'base64url');
  const body = message.slice(dot + 1);
  const right = keys.some((key) => {
    const expected = mac(body, key);
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
  if (!right) return null;
  try {
    const word: unknown = JSON.parse(body);
    return typeof word === 'object' && word !== null ? (word as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
