import { isIP, isIPv4 } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import type { Origin } from '../../clients/usage/last-use.js';

const NETWORK_BYTES = 8;

/** Fastify's predicate for each address in the forwarding chain: whether it is a trusted proxy. */
export function trusting(proxies: readonly string[]): (address: string, hop: number) => boolean {
  const trusts = proxyAddr.compile([...proxies]);
  return (address, hop) => trusts(withoutZone(address), hop);
}

type Source = Pick<FastifyRequest, 'ip' | 'socket'>;

/**
 * The client's address for display: the socket's address, or the one reported by trusted proxies (read in
 * forwarded-for.ts). IPv4-mapped IPv6 becomes IPv4.
 */
export function clientAddress({ ip, socket }: Source): string {
  if (isIPv4(ip)) return ip;
  const known = [ip, socket.remoteAddress].map(withoutZone).find(isAddress);
  return known === undefined ? 'unknown' : ipaddr.process(known).toString();
}

/**
 * The address as it is counted: for IPv6 the first 64 bits, because a client usually controls such a whole network.
 */
export const remoteAddress = (source: Source): string => networkOf(clientAddress(source));

function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const network = ipaddr.parse(address).toByteArray().fill(0, NETWORK_BYTES);
  return `${ipaddr.fromByteArray(network).toString()}/64`;
}

/** The network is determined only where failures are counted, which few requests come to. */
class RequestOrigin implements Origin {
  readonly address: string;
  readonly userAgent: string | undefined;

  constructor(request: FastifyRequest) {
    this.address = clientAddress(request);
    this.userAgent = request.headers['user-agent'];
  }

  get network(): string {
    return networkOf(this.address);
  }
}

/** Where a request came from, as its client's last use and its session are recorded. */
export const originOf = (request: FastifyRequest): Origin => new RequestOrigin(request);

/** A zone (RFC 4007 11) distinguishes links of one machine and can be any text. */
export const withoutZone = (address: string | undefined): string => (address ?? '').replace(/%.*$/s, '');

/** Address parsers disagree in edge cases. */
export const isAddress = (text: string): boolean => isIP(text) !== 0 && ipaddr.isValid(text);
