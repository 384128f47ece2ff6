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

/**
 * Where a request comes from: the socket's address, or what trusted proxies say of it. Of IPv6 the first 64 bits,
 * because whoever has one address of such a network has all of them.
 */
export function remoteAddress({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  if (isIPv4(ip)) return ip;
  // A proxy that writes no address is itself where the request comes from.
  const told = [ip, socket.remoteAddress].map(withoutZone).find(isAddress);
  if (told === undefined) return 'unknown';
  const address = ipaddr.process(told);
  if (address.kind() === 'ipv4') return address.toString();
  const network = address.toByteArray().fill(0, NETWORK_BYTES);
  return `${ipaddr.fromByteArray(network).toString()}/64`;
}

/** Of a closed socket nothing is left. A zone (RFC 4007 11) tells links of one machine apart, and can be any text. */
const withoutZone = (address: string | undefined): string => (address ?? '').replace(/%.*$/s, '');

/** Readers of addresses differ at the edges. */
const isAddress = (text: string): boolean => isIP(text) !== 0 && ipaddr.isValid(text);
