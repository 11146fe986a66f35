/**
 * The first language that there is a catalogue for: the reader's own, then the school's, then English. Tags are BCP 47
 * in any case; only their language counts ("tr-TR" is Turkish).
 */
export function pickLocale<L extends string>(
  catalogues: Readonly<Record<L, unknown>>,
  ...wanted: readonly (string | null | undefined)[]
): L {
  for (const tag of wanted) {
    const language = tag?.split(/[-_]/)[0]?.toLowerCase();
    if (language !== undefined && Object.hasOwn(catalogues, language)) return language as L;
  }
  return 'en' as L;
}
