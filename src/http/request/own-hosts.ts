import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Settings } from '../../config/settings.js';
import { maySendForPage } from './browser-request.js';
import { trusting, withoutZone } from './remote-address.js';

/** Reserved names: none is in the public DNS, where an attacker could point it at this server. */
const PRIVATE_SUFFIXES = ['.localhost', '.local', '.internal', '.svc', '.home.arpa'];

export const FOREIGN_HOST =
  'this Host is not one of this server: use that of LATCHKEY_PUBLIC_URL, or add it to LATCHKEY_ALLOWED_HOSTS';

type Names = Pick<Settings, 'publicUrl' | 'rootIssuer' | 'allowedHosts'>;

/**
 * The hosts under which a browser may address this server. The owner of another name can point it at an address in the
 * network of a visitor (DNS rebinding), and pages under that name are then of the same origin as this server.
 */
export class OwnHosts {
  private readonly names: ReadonlySet<string>;
  private readonly trusts: (address: string, hop: number) => boolean;

  constructor({ publicUrl, rootIssuer, allowedHosts }: Names, trustedProxies: readonly string[] = []) {
    const urls = [publicUrl, rootIssuer].map((url) => new URL(url).hostname);
    this.names = new Set([...urls, ...allowedHosts].map((name) => name.toLowerCase()));
    this.trusts = trustedProxies.length > 0 ? trusting(trustedProxies) : () => false;
  }

  /** Whether a page under a foreign name may have sent this request; a trusted proxy decides itself which hosts it serves. */
  isForeign({ headers, method, socket }: Pick<FastifyRequest, 'headers' | 'method' | 'socket'>): boolean {
    if (!maySendForPage(method, headers) || this.serves(headers)) return false;
    return !this.trusts(withoutZone(socket.remoteAddress), 0);
  }

  /** An address cannot be rebound, and a name without a dot is not of the public DNS. */
  serves({ host = '' }: IncomingHttpHeaders): boolean {
    const name = /^(\[[^\]]*\]|[^:]*?)\.?(?::\d*)?$/.exec(host.toLowerCase())?.[1];
    if (name === undefined) return false;
    if (!name.includes('.') || isIP(name) !== 0 || name.startsWith('[')) return true;
    return this.names.has(name) || PRIVATE_SUFFIXES.some((suffix) => name.endsWith(suffix));
  }
}
