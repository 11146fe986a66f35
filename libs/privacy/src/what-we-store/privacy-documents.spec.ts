import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { privacyDocuments } from './privacy-documents.js';

describe('R9 the processing record and the agreement say what the tables hold', () => {
  it('are as `npm run privacy:documents` makes them', async () => {
    for (const [path, text] of Object.entries(await privacyDocuments()))
      expect(readFileSync(join(process.cwd(), path), 'utf8')).toBe(text);
  });
});
