import { isUtf8 } from 'node:buffer';

/** No JSON that anybody sends us is nested deeper; what reads it further on may use recursion. */
export const MAX_DEPTH = 32;
/** Members and elements of one document or event: about 4,000 parents. */
export const MAX_VALUES = 20_000;

/** One document, or one element of a list, found by its brackets and commas: not parsed yet. */
export interface JsonPart {
  readonly start: number;
  readonly end: number;
  /** What must not be, with the member of the top that holds it (a JSON pointer), or null. */
  readonly fault: { readonly pointer: string; readonly detail: string } | null;
}

export const TOO_DEEP = `must not be nested deeper than ${MAX_DEPTH} levels`;
export const TOO_WIDE = `must not hold more than ${MAX_VALUES} members and elements`;

const [QUOTE, COMMA, COLON, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('",:[\\]{}');

const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** A byte order mark is skipped, as browsers and `TextDecoder` do. */
const beginOf = (body: Buffer) => (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0);

/** The first byte that is no blank, as a character; empty where there is none. */
export function firstCharacter(body: Buffer): string {
  let at = beginOf(body);
  while (isBlank(body[at])) at += 1;
  return at < body.length ? String.fromCharCode(body[at]!) : '';
}

/**
 * Bounds depth and width of JSON before anything is allocated for it: one pass over the bytes, which `JSON.parse` only
 * sees once it has passed. Whether it is JSON at all is for the parser to say.
 */
export function scanDocument(body: Buffer): JsonPart {
  return new Scan(body, beginOf(body), 0).next();
}

/**
 * The same for a list, element by element, so that each can be parsed on its own. Of more than `most` elements the others
 * are counted only.
 * @returns null where the brackets are not those of one list
 */
export function scanList(body: Buffer, most: number): { parts: readonly JsonPart[]; count: number } | null {
  let at = beginOf(body);
  while (isBlank(body[at])) at += 1;
  if (body[at] !== OPEN_LIST) return null;
  const scan = new Scan(body, at + 1, 1);
  const parts: JsonPart[] = [];
  let count = 0;
  do {
    const part = scan.next();
    if ((count += 1) <= most) parts.push(part);
  } while (body[scan.at - 1] === COMMA);
  if (body[scan.at - 1] !== CLOSE_LIST) return null;
  for (at = scan.at; at < body.length; at += 1) if (!isBlank(body[at])) return null;
  return count === 1 && isEmpty(body, parts[0]!) ? { parts: [], count: 0 } : { parts, count };
}

function isEmpty(body: Buffer, { start, end }: JsonPart): boolean {
  for (let at = start; at < end; at += 1) if (!isBlank(body[at])) return false;
  return true;
}

/**
 * Parses what a scan found.
 * @throws SyntaxError for what is no JSON in UTF-8
 */
export function parsePart(body: Buffer, { start, end }: JsonPart): unknown {
  const bytes = body.subarray(start, end);
  if (!isUtf8(bytes)) throw new SyntaxError('not UTF-8');
  return JSON.parse(bytes.toString('utf8'));
}

class Scan {
  constructor(
    private readonly body: Buffer,
    public at: number,
    /** 1: stops at each comma of the list that `at` is in, and behind its end. 0: one document, to the last byte. */
    private readonly level: 0 | 1,
  ) {}

  next(): JsonPart {
    const { body, level } = this;
    const start = this.at;
    let at = start;
    let depth = 0;
    let values = 0;
    let [stringStart, stringEnd] = [0, 0];
    let member: [number, number] | null = null;
    let fault: JsonPart['fault'] = null;
    for (; at < body.length; at += 1) {
      switch (body[at]) {
        case QUOTE:
          stringStart = at;
          for (at += 1; at < body.length && body[at] !== QUOTE; at += 1) if (body[at] === BACKSLASH) at += 1;
          stringEnd = at + 1;
          break;
        case COLON:
          if (depth === 1) member = [stringStart, stringEnd];
          break;
        case OPEN_LIST:
        case OPEN_OBJECT:
          depth += 1;
          values += 1;
          if (depth > MAX_DEPTH) fault ??= { pointer: this.pointerTo(member), detail: TOO_DEEP };
          break;
        case CLOSE_LIST:
        case CLOSE_OBJECT:
          if (depth === 0 && level === 1) return this.end(start, at, fault);
          depth -= 1;
          break;
        case COMMA:
          if (depth === 0 && level === 1) return this.end(start, at, fault);
          values += 1;
          break;
      }
      if (values > MAX_VALUES) fault ??= { pointer: '', detail: TOO_WIDE };
    }
    return this.end(start, body.length, fault);
  }

  private end(start: number, end: number, fault: JsonPart['fault']): JsonPart {
    this.at = end + 1;
    return { start, end, fault };
  }

  private pointerTo(member: [number, number] | null): string {
    if (!member) return '';
    try {
      const name: unknown = JSON.parse(this.body.toString('utf8', ...member));
      return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
    } catch {
      return '';
    }
  }
}
