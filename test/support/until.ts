/**
 * Looks again and again until `look` finds something: only for what nobody announces.
 * @throws Error that says what did not come about
 */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  seconds = 15,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`It did not come about within ${seconds} s: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
