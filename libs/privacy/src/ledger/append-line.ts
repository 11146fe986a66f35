import { constants, type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Appends one line to a file of the ledger folder, and comes back when the disk has it. Several processes may append to
 * the same file: each line is one write at the end of it. What a crash left half-written stays a line of its own, which
 * readers refuse or skip. The file is readable by its owner only.
 * @param line without a line break
 */
export async function appendLine(folder: string, name: string, line: string): Promise<void> {
  if (/[\r\n]/.test(line)) throw new Error('A line of a ledger holds no line break.');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, name);
  const file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
  try {
    const { size } = await file.stat();
    const isTorn = size > 0 && (await lastByte(file, size)) !== NEW_LINE;
    await file.writeFile(`${isTorn ? '\n' : ''}${line}\n`);
    await file.sync();
    if (size === 0) await syncFolder(dirname(path));
  } finally {
    await file.close();
  }
}

const NEW_LINE = 0x0a;

async function lastByte(file: FileHandle, size: number): Promise<number | undefined> {
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0];
}

/** A new file is only there after a power cut when its folder was written too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
