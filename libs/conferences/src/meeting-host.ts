/** Printable ASCII without a backslash: a parser takes the rest away or turns it into something else. */
const PLAIN = /^https?:\/\/(?<authority>[^/?#]+)[!-[\]-~]*$/i;

/**
 * May this URL be published? Only as it stands: what a parser reads out of it must be what a browser is sent to, since the
 * text itself is stored, compared and put into a `Location`. `https:` on a host of MEETING_HOSTS. `*.example` means its subdomains. An entry written as an
 * `http://` origin (outside production only: the settings refuse it there) lets the demo join on this computer.
 */
export function isMeetingHost(url: string, hosts: readonly string[]): boolean {
  const authority = PLAIN.exec(url)?.groups?.['authority']?.toLowerCase();
  if (authority === undefined || !URL.canParse(url)) return false;
  const { protocol, hostname, host, port, origin, username, password } = new URL(url);
  if (username || password || ![host, `${host}:443`].includes(authority)) return false;
  return hosts.some((entry) => {
    if (entry.startsWith('http://')) return origin === new URL(entry).origin;
    if (protocol !== 'https:') return false;
    const name = entry.replace(/^https:\/\//, '');
    if (name.includes(':')) return host === name.toLowerCase();
    // Another port is another server.
    if (port !== '') return false;
    if (name.startsWith('*.')) return hostname.endsWith(name.slice(1).toLowerCase());
    return hostname === name.toLowerCase();
  });
}
