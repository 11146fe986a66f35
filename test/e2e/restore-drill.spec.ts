import { beforeAll, describe, expect, it } from '@jest/globals';
import type { RestoreDrill } from '../privacy/drill-restore.js';
import { ChildProduct, build } from '../support/processes.js';

// Real: the built processes and commands, two Postgres servers, the files. Fake: the outside (the sandbox).

describe('P2 P11 R12 a backup is restored onto another server under load', () => {
  beforeAll(build, 240_000);

  it('verification says exactly what is gone, who was erased stays erased, every meeting is there once', async () => {
    const child = new ChildProduct('restoreDrill', ['--slots', '8'], {});
    const code = await child.ended;
    const line = child.output.trim().split('\n').at(-1)!;
    if (!line.startsWith('{')) throw new Error(`The drill did not come to its end: ${child.output.slice(-1_500)}`);
    const drill = JSON.parse(line) as RestoreDrill;
    expect(drill).toMatchObject({ toldCut: drill.cut, erasedFound: 0, notReady: 0, doubled: 0, violations: 0 });
    expect(drill.cut).toBeGreaterThan(0);
    expect(child.output).toContain('This backup can be restored.');
    expect(child.output).toMatch(/restored on \S+: \d+ entries after the backup are gone, .*\(other-server\)/);
    expect(code).toBe(0);
  }, 240_000);
});
