import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { build } from '../support/processes.js';

const watch = new URL('../../dist/libs/platform/src/event-loop-watch.js', import.meta.url);

/** Runs a script beside the watch, which is content with one second. @returns how it ended, and what it said */
function run(script: string, signals: [afterMs: number, signal: NodeJS.Signals][] = []) {
  const code = `import { watchEventLoop } from ${JSON.stringify(watch.href)}; watchEventLoop(1_000); console.log('up'); ${script}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    if (said === '') for (const [ms, signal] of signals) setTimeout(() => child.kill(signal), ms);
    said += chunk.toString();
  });
  return new Promise<{ code: number | null; signal: NodeJS.Signals | null; said: string }>((resolve) =>
    child.once('close', (exit, signal) => resolve({ code: exit, signal, said })),
  );
}

// Real: processes and signals.
describe('P16 a process that stands still is ended, so that it is started again', () => {
  beforeAll(build, 240_000);

  it('when its event loop does not turn', async () => {
    const { signal, said } = await run('setTimeout(() => { for (;;); }, 200)');
    expect(signal).toBe('SIGKILL');
    expect(said).toContain('the event loop stands still');
  });

  it('not when it was frozen and thaws, however long that was', async () => {
    const { code } = await run('setTimeout(() => process.exit(7), 800)', [
      [100, 'SIGSTOP'],
      [3_100, 'SIGCONT'],
    ]);
    expect(code).toBe(7);
  });

  it('not while it works, and it holds up nobody who is done', async () => {
    const busy =
      'for (let n = 0; n < 8; n += 1) { const end = Date.now() + 250; while (Date.now() < end); await new Promise(setImmediate); }';
    expect(await run(busy)).toMatchObject({ code: 0, signal: null });
  });
});
