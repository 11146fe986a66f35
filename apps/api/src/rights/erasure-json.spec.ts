import type { ErasureRow } from '#libs/conferences';
import { erasureRowJson } from './erasure-json.js';

const DUE = new Date('2026-12-22T09:00:00Z');
const row = (change: Partial<ErasureRow> = {}) =>
  ({
    id: '3b8f4a52-6c1e-4d0f-8a77-5f2f0c9d1e64',
    schoolId: 's-1',
    cause: 'request',
    state: 'waiting_for_owner',
    requestedAt: new Date('2026-11-22T09:00:00Z'),
    dueAt: DUE,
    erasedAt: null,
    waiting: 1,
    doneAt: null,
    receipt: null,
    ...change,
  }) as ErasureRow;

describe('R14 an erasure in the list of its school', () => {
  it.each([
    ['open, before it is due', {}, -1, false],
    ['open, after it was due', {}, 1, true],
    ['done, long ago', { state: 'done', doneAt: DUE }, 86_400_000, false],
  ] as const)('%s', (_name, change, past, late) => {
    expect(erasureRowJson(row(change), 'https://x.example', new Date(DUE.getTime() + past)).late).toBe(late);
  });

  it('has no receipt and no hash of the person', () => {
    const json = erasureRowJson(row({ receipt: 'eyJ', personIndex: Buffer.from('hash') }), 'https://x.example', DUE);
    expect(Object.keys(json).sort()).toEqual(
      [
        'cause',
        'doneAt',
        'dueAt',
        'erasedAt',
        'id',
        'late',
        'provider',
        'requestedAt',
        'school',
        'state',
        'url',
      ].sort(),
    );
  });
});
