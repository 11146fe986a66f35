/** The names and addresses of families, none of which may ever be in a request to a provider. */
export class FamilyNames {
  readonly #names = new Set<string>();
  #pattern: RegExp | undefined;

  /** Names shorter than three letters would be found in any text by chance, so they are not watched. */
  watch(names: Iterable<string>): void {
    for (const name of names) if (name.length >= 3) this.#names.add(name);
    this.#pattern = undefined;
  }

  /** The first watched name in this text as a whole word, or undefined. */
  firstIn(text: string): string | undefined {
    if (this.#names.size === 0) return undefined;
    this.#pattern ??= wholeWords([...this.#names]);
    return this.#pattern.exec(text)?.[0];
  }
}

const wholeWords = (names: string[]): RegExp => {
  const longestFirst = names.toSorted((a, b) => b.length - a.length).map(escaped);
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${longestFirst.join('|')})(?![\\p{L}\\p{N}])`, 'u');
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\-]/gu, String.raw`\$&`);
