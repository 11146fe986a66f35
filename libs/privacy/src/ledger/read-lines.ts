import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The lines of a file of the ledger folder, in order; none where there is no such file yet. */
export async function* readLines(folder: string, name: string): AsyncGenerator<string> {
  const path = join(folder, name);
  if (!existsSync(path)) return;
  for await (const line of createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Infinity }))
    if (line !== '') yield line;
}
