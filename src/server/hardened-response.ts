import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';

type HeaderFields = Readonly<Record<string, string>>;
type Given = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** For browsers that are led here: nothing is sniffed, framed, run, embedded, or leaks an address. */
const HARDENING: HeaderFields = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

const HSTS: HeaderFields = { 'strict-transport-security': 'max-age=31536000' };

/** The headers of every answer; HSTS (RFC 6797) where clients come over TLS. */
export const hardeningOf = (overTls: boolean): HeaderFields => ({ ...HARDENING, ...(overTls ? HSTS : {}) });

/** The response class of a server whose answers all carry these headers, unless an answer sets its own. */
export function hardenedResponse(fields: HeaderFields): typeof ServerResponse {
  const entries = Object.entries(fields);
  return class HardenedResponse<Request extends IncomingMessage> extends ServerResponse<Request> {
    override writeHead(status: number, reasonOrHeaders?: string | Given, headers?: Given): this {
      // Fastify hands over one object of its own; merged into it, the headers cost no second pass over a map.
      if (typeof reasonOrHeaders === 'object' && !Array.isArray(reasonOrHeaders)) {
        for (const [name, value] of entries) reasonOrHeaders[name] ??= value;
        return super.writeHead(status, reasonOrHeaders);
      }
      for (const [name, value] of entries) if (!this.hasHeader(name)) this.setHeader(name, value);
      return typeof reasonOrHeaders === 'string'
        ? super.writeHead(status, reasonOrHeaders, headers)
        : super.writeHead(status, reasonOrHeaders);
    }
  };
}

/** The same for an answer that is written on the socket. */
export const headerLines = (fields: HeaderFields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
