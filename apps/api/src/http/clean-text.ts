/** Text that Postgres can hold and UTF-8 can say: no U+0000, no half of a character. */
export const isCleanText = (text: string) => !text.includes('\0') && text.isWellFormed();
