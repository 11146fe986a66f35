/**
 * Text from outside made fit for a header, a subject or a calendar property: one line, no control characters, no
 * characters that turn the reading direction of what follows (a name must not be able to dress up as something else).
 */
export function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}
