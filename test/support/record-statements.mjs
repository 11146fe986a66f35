// A setup file of Jest, only with RECORD_STATEMENTS=FOLDER: every statement that the product's own connections issue is
// written there, once, as text with placeholders. test/rolling/record.ts makes the contract of a version from it.
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';

const folder = process.env.RECORD_STATEMENTS;
// oxlint-disable-next-line typescript/unbound-method -- called with its client below
const issue = pg.Client.prototype.query;
if (folder && !issue.isRecording) {
  const seen = new Set();
  pg.Client.prototype.query = function query(...given) {
    const [asked] = given;
    const text = typeof asked === 'string' ? asked : asked?.text;
    if (this.constructor.name === 'PreparingClient' && typeof text === 'string' && !seen.has(text)) {
      seen.add(text);
      const file = join(folder, `${createHash('sha256').update(text).digest('hex')}.sql`);
      if (!existsSync(file)) writeFileSync(file, text);
    }
    return issue.apply(this, given);
  };
  pg.Client.prototype.query.isRecording = true;
}
