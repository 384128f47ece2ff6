import dns, { type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { JwksUnavailable } from './jwks-unavailable.js';

/** All IPv6 that is given out to be reached; the rest is special or reserved, ::/96 with its IPv4 too (RFC 4291 2.4). */
const IPV6_UNICAST = ipaddr.parseCIDR('2000::/3');

/** Whether the address is of the public unicast ranges alone (RFC 6890 and the IANA registries that keep it). */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0 || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  return parsed.range() === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(IPV6_UNICAST));
}

/** The address that a URL names without a name to look up, if it does. */
export function literalAddress({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
}

export const notPermitted = () => new JwksUnavailable('address not permitted');

/** Looks a name up as node does, and answers nothing unless each of its addresses is public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, options, (error, found: string | LookupAddress[], family) => {
    const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
    if (!error && !addresses.every(isPublicAddress)) callback(notPermitted(), '', 0);
    else callback(error, found as string, family);
  });
};
