/**
 * May this URL be published? `https:` on a host of MEETING_HOSTS. `*.example` means its subdomains. An entry written as an
 * `http://` origin (outside production only: the settings refuse it there) lets the demo join on this computer.
 */
export function isMeetingHost(url: string, hosts: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, host, port, origin, username, password } = new URL(url);
  if (username || password) return false;
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
