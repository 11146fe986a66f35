import { constants, inflateRawSync, inflateSync } from 'node:zlib';
import { partsOf, type Canary } from './canaries.js';
import { FORMS } from './forms.js';

interface Pattern {
  readonly canary: Canary;
  readonly form: string;
  readonly bytes: Buffer;
  /** Where in the pattern the four bytes stand that it is found by: its middle tells it from others better than its start. */
  readonly at: number;
}

export interface Find {
  readonly canary: Canary;
  readonly form: string;
  /** Byte in what was scanned. */
  readonly offset: number;
}

const MOST_INFLATED = 4 * 1024 * 1024;
const slotOf = (word: number) => Math.imul(word, 0x9e3779b1) >>> 8;

/** Finds all canaries in all forms in one pass: four bytes at each place are looked up, and compared only on a hit. */
export class Scanner {
  private readonly isSeen = new Uint8Array(1 << 24);
  private readonly byWord = new Map<number, Pattern[]>();
  readonly patterns: number;

  constructor(canaries: readonly Canary[]) {
    let count = 0;
    for (const canary of canaries) {
      const parts = partsOf(canary.value).map((part) => Buffer.from(part));
      for (const part of canary.bytes ? [...parts, canary.bytes] : parts) {
        const seen = new Set<string>();
        for (const [form, write] of Object.entries(FORMS)) {
          const bytes = write(part);
          const key = bytes.toString('latin1');
          if (bytes.length < 8 || seen.has(key)) continue;
          seen.add(key);
          this.put({ canary, form, bytes, at: Math.floor(bytes.length / 2) - 2 });
          count += 1;
        }
      }
    }
    this.patterns = count;
  }

  /** Also inside what was compressed with gzip or zlib. */
  scan(data: Buffer): Find[] {
    const finds = this.pass(data);
    for (const inflated of compressedIn(data)) finds.push(...this.pass(inflated.data, inflated.offset));
    return finds;
  }

  private put(pattern: Pattern): void {
    const word = pattern.bytes.readUInt32BE(pattern.at);
    this.isSeen[slotOf(word)] = 1;
    const there = this.byWord.get(word);
    if (there) there.push(pattern);
    else this.byWord.set(word, [pattern]);
  }

  private pass(data: Buffer, said?: number): Find[] {
    const finds: Find[] = [];
    let word = 0;
    for (let end = 0; end < data.length; end += 1) {
      word = ((word << 8) | data[end]!) >>> 0;
      if (end < 3 || this.isSeen[slotOf(word)] === 0) continue;
      for (const { canary, form, bytes, at } of this.byWord.get(word) ?? []) {
        const from = end - 3 - at;
        if (from < 0 || data.compare(bytes, 0, bytes.length, from, Math.min(from + bytes.length, data.length)) !== 0)
          continue;
        finds.push({ canary, form: said === undefined ? form : `compressed ${form}`, offset: said ?? from });
      }
    }
    return finds;
  }
}

/** Length of a gzip header, with a file name where it has one. What follows the member would stop `gunzip`. */
const gzipHead = (piece: Buffer): number => (piece[3]! & 0x08 ? piece.indexOf(0, 10) + 1 : 10);

const ZLIB_SECOND = new Set([0x01, 0x5e, 0x9c, 0xda]);

/** What opens as gzip or zlib at any place, as far as it goes. */
function* compressedIn(data: Buffer): Generator<{ data: Buffer; offset: number }> {
  for (let n = 0; n + 8 < data.length; n += 1) {
    const isGzip = data[n] === 0x1f && data[n + 1] === 0x8b && data[n + 2] === 0x08;
    const isZlib = data[n] === 0x78 && ZLIB_SECOND.has(data[n + 1]!);
    if (!isGzip && !isZlib) continue;
    const piece = data.subarray(n, n + MOST_INFLATED);
    try {
      const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MOST_INFLATED };
      const opened = isGzip ? inflateRawSync(piece.subarray(gzipHead(piece)), options) : inflateSync(piece, options);
      if (opened.length > 8) yield { data: opened, offset: n };
    } catch {
      // Bytes that only look like a beginning.
    }
  }
}
