import {
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  ServerResponse,
} from 'node:http';

type HeaderFields = Readonly<Record<string, string>>;
type Given = OutgoingHttpHeaders | OutgoingHttpHeader[];

/** For browsers that are directed here: no sniffing, framing, scripts, embedding or referrer. */
const HARDENING: HeaderFields = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

const HSTS: HeaderFields = { 'strict-transport-security': 'max-age=31536000' };

/** The headers of every response; HSTS (RFC 6797) if clients connect over TLS. */
export const hardeningOf = (overTls: boolean): HeaderFields => ({ ...HARDENING, ...(overTls ? HSTS : {}) });

/** A response class that adds these headers unless the response sets its own. */
export function hardenedResponse(fields: HeaderFields): typeof ServerResponse {
  const entries = Object.entries(fields);
  return class HardenedResponse<Request extends IncomingMessage> extends ServerResponse<Request> {
    override writeHead(status: number, reasonOrHeaders?: string | Given, headers?: Given): this {
      // Fastify passes a plain object; merging the headers into it avoids a second pass over a map.
      if (typeof reasonOrHeaders === 'object' && !Array.isArray(reasonOrHeaders)) {
        for (const [name, value] of entries) if (!this.hasHeader(name)) reasonOrHeaders[name] ??= value;
        return super.writeHead(status, reasonOrHeaders);
      }
      for (const [name, value] of entries) if (!this.hasHeader(name)) this.setHeader(name, value);
      return typeof reasonOrHeaders === 'string'
        ? super.writeHead(status, reasonOrHeaders, headers)
        : super.writeHead(status, reasonOrHeaders);
    }
  };
}

/** The same headers for a response written to the socket. */
export const headerLines = (fields: HeaderFields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
