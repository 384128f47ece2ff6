import { isIP, isIPv4 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

const NETWORK_BYTES = 8;

/**
 * Where a request comes from: the socket's address, or what trusted proxies say of it. Of IPv6 the first 64 bits,
 * because whoever has one address of such a network has all of them.
 */
export function remoteAddress({ ip, socket }: FastifyRequest): string {
  if (isIPv4(ip)) return ip;
  // A proxy that writes no address is itself where the request comes from.
  const told = isIP(ip) === 0 ? (socket.remoteAddress ?? '') : ip;
  if (isIP(told) === 0) return 'unknown';
  const address = ipaddr.process(told);
  if (address.kind() === 'ipv4') return address.toString();
  const network = address.toByteArray().fill(0, NETWORK_BYTES);
  return `${ipaddr.fromByteArray(network).toString()}/64`;
}
