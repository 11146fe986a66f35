import { createHash, sign, verify } from 'node:crypto';
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '#libs/platform';
import { appendLine } from './append-line.js';
import type { SigningKeys } from './signing-keys.js';

/** What is written down of one erasure, twice: no name, no address, no id of a person. */
export interface LedgerEntry {
  /** 1, 2, 3 … */
  readonly sequence: number;
  /** `erased`: nothing is left in the database. `done`: nor at the provider, or its time is over. */
  readonly what: 'erased' | 'done';
  readonly erasureId: string;
  readonly schoolId: string;
  /** Keyed hash of school and person, base64url: only who has the key ring can say whether it is this person. */
  readonly person: string;
  /** ISO instant. */
  readonly at: string;
  /** Meetings that stay in the owner's account; null while that is open. */
  readonly leftAtProvider: number | null;
  /** SHA-256 of the line before, base64url; empty in the first one. */
  readonly previous: string;
}

export const LEDGER_FILE = 'erasures.jsonl';

/**
 * The erasures done, in a file outside of the database, so that a restored backup is put right before anything opens
 * (P11). Each line is signed and names the hash of the one before: none can be changed, taken out or put in unseen.
 */
export class ErasureLedger {
  readonly path: string;

  constructor(
    readonly folder: string,
    private readonly keys: SigningKeys,
  ) {
    this.path = join(folder, LEDGER_FILE);
  }

  /** All lines in order, each verified; none where nobody was erased yet. @throws StartupError naming the line that is not as it was written */
  async entries(): Promise<LedgerEntry[]> {
    return this.verified((await this.read()).lines);
  }

  /**
   * Writes one line; on disk when this resolves. Asked again for the same of the same erasure it answers with the line that
   * is there. One writer at a time: the caller holds a lock that all processes share.
   */
  async append(line: Omit<LedgerEntry, 'sequence' | 'previous'>): Promise<LedgerEntry> {
    const { lines, wholeBytes } = await this.read();
    const ofErasure = lines
      .filter((text) => text.includes(JSON.stringify(line.erasureId)))
      .map((text) => this.entryOf(text));
    if (ofErasure.includes(null)) this.verified(lines);
    const known = ofErasure.find((entry) => entry?.erasureId === line.erasureId && entry.what === line.what);
    if (known) return known;
    const last = lines.at(-1);
    // The whole was verified at the start; what is built upon is looked at each time.
    if (last !== undefined && this.entryOf(last)?.sequence !== lines.length) this.verified(lines);
    const entry: LedgerEntry = {
      sequence: lines.length + 1,
      what: line.what,
      erasureId: line.erasureId,
      schoolId: line.schoolId,
      person: line.person,
      at: line.at,
      leftAtProvider: line.leftAtProvider,
      previous: last === undefined ? '' : hashOf(last),
    };
    if (wholeBytes !== null) await truncate(this.path, wholeBytes);
    const signature = sign(null, Buffer.from(JSON.stringify(entry)), this.keys.privateKey).toString('base64url');
    await appendLine(this.folder, LEDGER_FILE, JSON.stringify({ ...entry, signature }));
    return entry;
  }

  /**
   * The lines, and up to where they are whole if the last one is not: a crash came while it was written, nobody was told
   * that it stands, and the erasure writes it again.
   */
  private async read(): Promise<{ lines: string[]; wholeBytes: number | null }> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    return {
      lines: whole.split('\n').slice(0, -1),
      wholeBytes: whole.length < text.length ? Buffer.byteLength(whole) : null,
    };
  }

  private verified(lines: readonly string[]): LedgerEntry[] {
    let previous = '';
    return lines.map((line, place) => {
      const entry = this.entryOf(line);
      if (!entry || entry.sequence !== place + 1 || entry.previous !== previous)
        throw new StartupError([
          `Line ${place + 1} of ${this.path} is not as it was written, or a line before it is missing. Bring the file back from its copy; if SIGNING_KEY was replaced, set the former one again. Nothing opens without the whole ledger.`,
        ]);
      previous = hashOf(line);
      return entry;
    });
  }

  private entryOf(line: string): LedgerEntry | null {
    try {
      const { signature, ...entry } = JSON.parse(line) as LedgerEntry & { signature: string };
      const isOurs = verify(
        null,
        Buffer.from(JSON.stringify(entry)),
        this.keys.publicKey,
        Buffer.from(signature, 'base64url'),
      );
      return isOurs ? entry : null;
    } catch {
      return null;
    }
  }
}

const hashOf = (line: string) => createHash('sha256').update(line).digest('base64url');
