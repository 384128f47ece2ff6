import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All allocated global unicast IPv6; the rest is special or reserved, including ::/96 with embedded IPv4 (RFC 4291 2.4). */
const IPV6_UNICAST = ipaddr.parseCIDR('2000::/3');

/** Whether the address is public unicast (RFC 6890 and the IANA special-purpose registries). */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(IPV6_UNICAST));
}

/** The host of a URL if it is an IP address. */
export function literalAddress({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
}
