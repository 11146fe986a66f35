/** The names and addresses of families, none of which may ever be in a request to a provider. */
export class FamilyNames {
  #longestFirst: string[] = [];

  /** Names shorter than three letters would be found in any text by chance, so they are not watched. */
  watch(names: Iterable<string>): void {
    const all = new Set([...this.#longestFirst, ...names].filter((name) => name.length >= 3));
    this.#longestFirst = [...all].toSorted((a, b) => b.length - a.length);
  }

  /** The first watched name in this text as a whole word, the longest that fits, or undefined. */
  firstIn(text: string): string | undefined {
    return this.#longestFirst.find((name) => hasWord(text, name));
  }
}

const LETTER = /[\p{L}\p{N}]/u;

/** Searched plainly, since a pattern of thousands of names is slow, and names hold signs that patterns read otherwise. */
const hasWord = (text: string, name: string): boolean => {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    if (!LETTER.test(text.charAt(at - 1)) && !LETTER.test(text.charAt(at + name.length))) return true;
  }
  return false;
};
