import type { FastifyReply, FastifyRequest } from 'fastify';
import { printable } from '../../packages/protocol/src/error-description.js';
import type { Log } from '../config/log.js';
import { isAddress, trusting, withoutZone } from '../http/request/remote-address.js';

const HEADER = 'x-forwarded-for';
const MAX_SHOWN_CHARACTERS = 64;
/**
 * Formats in which proxies write an address (RFC 7239 6): `192.0.2.1:4711`, `[2001:db8::1]`, `"[2001:db8::1]:4711"`,
 * `for=192.0.2.1`.
 */
const NODE = /^(?:for=)?"?(?:\[([^\]]*)\](?::\w+)?|([^":[\]]*)(?::\w+)?|([^"[\]]*))"?$/i;

/**
 * The address in one element of X-Forwarded-For, without port, brackets, quotes and zone; undefined if it has none.
 */
export function readNode(element: string): string | undefined {
  const [, bracketed, bare, v6] = NODE.exec(element.trim()) ?? [];
  const address = withoutZone(bracketed ?? bare ?? v6);
  return isAddress(address) ? address : undefined;
}

/**
 * Replaces X-Forwarded-For with the effective client address: the rightmost one that is not a trusted proxy. An
 * element without a valid address, even an empty one, counts as the proxy that wrote it: skipping it would trust what
 * a client wrote further left. Fastify's `request.ip` is then this address, for limits and audit alike.
 */
export class ForwardedFor {
  private readonly trusts: (address: string) => boolean;
  private warnedOfPeer = false;
  private warnedOfText = false;

  constructor(
    proxies: readonly string[],
    private readonly log: Log,
  ) {
    const trusts = proxies.length > 0 ? trusting(proxies) : () => false;
    this.trusts = (address) => trusts(address, 0);
  }

  readonly hook = ({ raw }: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
    const header = raw.headers[HEADER];
    if (header !== undefined) {
      const peer = withoutZone(raw.socket.remoteAddress);
      if (this.trusts(peer)) raw.headers[HEADER] = this.resolve(peer, String(header));
      else this.warnOfPeer(peer);
    }
    done();
  };

  private resolve(peer: string, header: string): string {
    let address = peer;
    for (const element of header.split(',').reverse()) {
      const named = readNode(element);
      if (named === undefined) {
        if (header !== '') this.warnOfText(element, address);
        return address;
      }
      address = named;
      if (!this.trusts(address)) return address;
    }
    return address;
  }

  private warnOfPeer(peer: string): void {
    if (this.warnedOfPeer) return;
    this.warnedOfPeer = true;
    this.log.warn(
      { peer, setting: 'LATCHKEY_TRUSTED_PROXIES' },
      'X-Forwarded-For ignored: the peer is not in LATCHKEY_TRUSTED_PROXIES; its own address is used',
    );
  }

  private warnOfText(element: string, proxy: string): void {
    if (this.warnedOfText) return;
    this.warnedOfText = true;
    const text = printable(element.trim()).slice(0, MAX_SHOWN_CHARACTERS);
    this.log.warn(
      { proxy, text },
      'X-Forwarded-For contains an element that is not an address: the address of the proxy that wrote it is used',
    );
  }
}
