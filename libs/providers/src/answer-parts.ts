/** Anything that JSON can hold may be an answer: what is read of it is asked for by its type. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** What stands at a path of an answer; undefined where the path ends early. */
export const part = (answer: unknown, ...path: readonly string[]): unknown =>
  path.reduce((value, name) => (isObject(value) ? value[name] : undefined), answer);

/** An instant in words, of a year that a database can keep; null for anything else. */
export function instantOf(value: unknown): Date | null {
  if (typeof value !== 'string') return null;
  const instant = new Date(value);
  const year = instant.getUTCFullYear();
  return year >= 1970 && year <= 9999 ? instant : null;
}

/**
 * A link as an answer gives it: null where it has none yet, undefined where something else stands in its place, so that
 * nobody takes an answer that was not understood for a meeting without a link.
 */
export function linkOf(value: unknown): string | null | undefined {
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' ? value : undefined;
}
