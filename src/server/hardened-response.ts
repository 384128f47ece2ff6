import { type IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';

type HeaderFields = Readonly<Record<string, string>>;

/** Composes the head of a response from the status line and the headers that the response sets; Node calls it once. */
interface HeadComposer {
  _storeHeader(statusLine: string, headers: OutgoingHttpHeaders | undefined): void;
}

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

/**
 * A response class that adds these headers unless the response sets its own. They follow the status line as text: among
 * the other headers Node would check each of them again for every response.
 */
export function hardenedResponse(fields: HeaderFields): typeof ServerResponse {
  const names = Object.keys(fields);
  const lines = headerLines(fields);
  const { _storeHeader: compose } = ServerResponse.prototype as unknown as HeadComposer;
  class HardenedResponse<Request extends IncomingMessage> extends ServerResponse<Request> {
    _storeHeader(statusLine: string, headers: OutgoingHttpHeaders = {}): void {
      const replaced = names.some((name) => name in headers);
      const added = replaced ? headerLines(without(fields, headers)) : lines;
      compose.call(this, statusLine + added, headers);
    }
  }
  return HardenedResponse;
}

const without = (fields: HeaderFields, headers: OutgoingHttpHeaders): HeaderFields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in headers)));

/** The same headers for a response written to the socket. */
export const headerLines = (fields: HeaderFields): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
