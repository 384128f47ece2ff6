import { isIP, isIPv4 } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

const NETWORK_BYTES = 8;

/** What Fastify asks of each address on the way of a request: whether it is that of a trusted proxy. */
export function trusting(proxies: readonly string[]): (address: string, hop: number) => boolean {
  const trusts = proxyAddr.compile([...proxies]);
  return (address, hop) => trusts(withoutZone(address), hop);
}

type Source = Pick<FastifyRequest, 'ip' | 'socket'>;

/**
 * Where a request comes from, for people: the socket's address, or what trusted proxies say of it (forwarded-for.ts has
 * read that). IPv4 inside IPv6 is IPv4.
 */
export function clientAddress({ ip, socket }: Source): string {
  if (isIPv4(ip)) return ip;
  const known = [ip, socket.remoteAddress].map(withoutZone).find(isAddress);
  return known === undefined ? 'unknown' : ipaddr.process(known).toString();
}

/** The same as it is counted: of IPv6 the first 64 bits, because one who has an address of such a network has all of them. */
export function remoteAddress(source: Source): string {
  const known = clientAddress(source);
  if (!known.includes(':')) return known;
  const network = ipaddr.parse(known).toByteArray().fill(0, NETWORK_BYTES);
  return `${ipaddr.fromByteArray(network).toString()}/64`;
}

/** A zone (RFC 4007 11) tells links of one machine apart, and can be any text. */
export const withoutZone = (address: string | undefined): string => (address ?? '').replace(/%.*$/s, '');

/** Readers of addresses differ at the edges. */
export const isAddress = (text: string): boolean => isIP(text) !== 0 && ipaddr.isValid(text);
