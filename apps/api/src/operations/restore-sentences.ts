import type { RestoreRecord } from '#libs/privacy';

/** What stays on the page for ever: each day on which the database was restored, and what that cost the audit. */
export function restoreSentences(restores: readonly RestoreRecord[]): string[] {
  const byDay = Map.groupBy(restores, ({ at }) => at.slice(0, 10));
  return [...byDay].map(([day, records]) => {
    const cut = records.reduce((sum, each) => sum + each.cut, 0);
    return `Restored on ${day}: ${cut} audit entries of ${records.length} schools are gone (${[...new Set(records.map(({ why }) => why))].join(', ')}).`;
  });
}
