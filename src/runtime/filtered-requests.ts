import dns, { type LookupAddress } from 'node:dns';
import http, { type ClientRequest, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { isPublicAddress, literalAddress } from '../config/public-address.js';

/** The message contains no address. */
export class AddressNotPermitted extends Error {
  constructor() {
    super('address not permitted');
  }
}

/** `dns.lookup` that fails unless every address of the name is public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  dns.lookup(hostname, options, (error, found: string | LookupAddress[], family) => {
    const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
    if (!error && !addresses.every(isPublicAddress)) callback(new AddressNotPermitted(), '', 0);
    else callback(error, found as string, family);
  });
};

interface FilteredOptions extends Pick<RequestOptions, 'method' | 'headers' | 'signal'> {
  /** Trusted certificate authorities instead of the system's, PEM. */
  ca?: string;
}

/**
 * Requests to URLs that others chose. Every address is checked before connecting, by the agents and more strictly here,
 * so that no host name leads to loopback, link-local or private addresses.
 */
export class FilteredRequests {
  private readonly agents: { 'http:': http.Agent; 'https:': https.Agent };

  constructor(private readonly allowPrivate: boolean) {
    const options = {
      allowPrivateIPAddress: allowPrivate,
      allowMetaIPAddress: allowPrivate,
      keepAlive: false,
    };
    this.agents = {
      'http:': new RequestFilteringHttpAgent(options),
      'https:': new RequestFilteringHttpsAgent(options),
    };
  }

  /** The caller ends the request. Throws AddressNotPermitted. */
  open(url: URL, options: FilteredOptions): ClientRequest {
    const literal = literalAddress(url);
    if (!this.allowPrivate && literal !== undefined && !isPublicAddress(literal))
      throw new AddressNotPermitted();
    const agent = this.agents[url.protocol as 'http:' | 'https:'];
    const lookup = this.allowPrivate ? {} : { lookup: publicLookup };
    return (url.protocol === 'https:' ? https : http).request(url, { agent, ...lookup, ...options });
  }
}

/** Why a request failed, without addresses: errors of the agents have no code, and their messages contain them. */
export function requestFault(error: unknown): string {
  if (error instanceof AddressNotPermitted) return error.message;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === 'string') return code;
  return /is not allowed/.test(String(message)) ? 'address not permitted' : 'failed';
}
