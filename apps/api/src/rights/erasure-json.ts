import type { ErasureRow } from '#libs/conferences';

/** One erasure as its person and the school's privacy officer see it: no personal data in it. */
export const erasureJson = (erasure: ErasureRow, appUrl: string) => ({
  id: erasure.id,
  school: erasure.schoolId,
  state: erasure.state,
  requestedAt: erasure.requestedAt.toISOString(),
  dueAt: erasure.dueAt.toISOString(),
  url: `${appUrl}/v1/erasures/${erasure.id}`,
  erasedAt: erasure.erasedAt?.toISOString() ?? null,
  doneAt: erasure.doneAt?.toISOString() ?? null,
  provider: { waiting: erasure.waiting, note: providerNote(erasure) },
  receipt: erasure.receipt,
});

/** One of a list: what a privacy officer must look after. The receipt is in the erasure itself. */
export function erasureRowJson(erasure: ErasureRow, appUrl: string, now: Date) {
  const { receipt: _, ...row } = erasureJson(erasure, appUrl);
  return { ...row, cause: erasure.cause, late: erasure.doneAt === null && erasure.dueAt < now };
}

function providerNote({ state, waiting }: ErasureRow): string | null {
  if (waiting === 0) return null;
  return state === 'done'
    ? 'These meetings were left in the account of their owner, who did not visit in time: only the owner can remove them there.'
    : 'These meetings are still in the account of their owner. They are removed at the next visit with that account; on the due date the rest is given up.';
}

export type ErasureJson = ReturnType<typeof erasureJson>;
