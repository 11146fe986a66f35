/** The entries of a comma-separated setting, trimmed; empty ones are none. */
export const listOf = (value: string): string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
