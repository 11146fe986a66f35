/** What a canary is, for telling in which places it is at home. */
export type CanaryKind =
  | 'token'
  | 'code'
  | 'transaction'
  | 'cookie'
  | 'call'
  | 'join'
  | 'meeting'
  | 'account'
  | 'parent'
  | 'child'
  | 'teacher'
  | 'key';

export interface Canary {
  readonly kind: CanaryKind;
  /** What it is, in words that can be printed; never the value. */
  readonly what: string;
  readonly value: string;
  /** As bytes where the value is only how they are written. */
  readonly bytes?: Buffer;
}

/** Shorter values stand somewhere by chance. */
const SHORTEST = 8;

/** Everything that must not be found, each value once. */
export class Canaries {
  private readonly known = new Map<string, Canary>();

  add(kind: CanaryKind, what: string, value: string | null | undefined, bytes?: Buffer): void {
    if (!value || value.length < SHORTEST || this.known.has(value)) return;
    this.known.set(value, { kind, what, value, ...(bytes && { bytes }) });
  }

  get all(): readonly Canary[] {
    return [...this.known.values()];
  }

  counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { kind } of this.known.values()) counts[kind] = (counts[kind] ?? 0) + 1;
    return counts;
  }
}

const SLICE = 32;

/**
 * The parts to look for: a value that is cut off or broken into lines is found by a part of it. Of a JWT only the
 * signature tells it from others with the same claims; of a JWE the header is left out, which all of one kind share.
 */
export function partsOf(value: string): string[] {
  if (/^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$/.test(value)) return partsOf(value.slice(value.lastIndexOf('.') + 1));
  const body = /^eyJ[\w-]+\./.test(value) ? value.slice(value.indexOf('.') + 1) : value;
  if (body.length <= SLICE * 2) return [body];
  const last = body.length - SLICE;
  return [...new Set([0.1, 0.4, 0.7, 1].map((share) => Math.floor(last * share)))].map((from) =>
    body.slice(from, from + SLICE),
  );
}
