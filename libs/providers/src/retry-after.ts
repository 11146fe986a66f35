const LONGEST_SECONDS = 24 * 60 * 60;

/**
 * When a `Retry-After` header allows the next try. Takes whole seconds, fractions (Graph's documentation shows `2.128`,
 * providers.md §4.8) and HTTP dates; an absurd value is clamped to between now and 24 hours from now, so that no answer
 * can stop an account's work for good. Undefined where the header is absent or says nothing.
 */
export function retryAfter(header: string | null | undefined, now: Date): Date | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  const seconds = /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - now.getTime()) / 1000;
  if (Number.isNaN(seconds)) return undefined;
  const clamped = Math.min(Math.max(seconds, 0), LONGEST_SECONDS);
  return new Date(now.getTime() + Math.ceil(clamped * 1000));
}
