/** May this host be called? An entry is a host name, or `*.` and a domain for all below it; scheme and port do not count. */
export function isAllowedHost(allowed: readonly string[], host: string): boolean {
  const name = host.toLowerCase();
  return allowed
    .map((entry) =>
      entry
        .trim()
        .toLowerCase()
        .replace(/^https?:\/\//, '')
        .replace(/:\d+$/, ''),
    )
    .some((entry) => (entry.startsWith('*.') ? name.endsWith(entry.slice(1)) : name === entry));
}
