import type { FastifyReply } from 'fastify';
import { refuseStaleRead } from './entity-tags.js';
import { representationFor } from './representation.js';

/** A response of the administration API, with or without a document. */
export interface Answer {
  status: number;
  document?: object;
  headers?: Readonly<Record<string, string>>;
}

/** Every response concerns credentials or what they protect, so none is cached. */
export const NO_STORE_HEADERS = {
  'cache-control': 'no-store',
  pragma: 'no-cache',
} as const;

export function sendAnswer(reply: FastifyReply, { status, document, headers = {} }: Answer): void {
  const { method, headers: asked } = reply.request;
  if (method === 'GET' || method === 'HEAD') refuseStaleRead(asked, headers.etag);
  reply.code(status).headers({ ...NO_STORE_HEADERS, ...headers });
  if (document === undefined) {
    reply.send();
    return;
  }
  const representation = representationFor(reply.request.headers.accept);
  reply.header('content-type', representation.contentType).send(representation.write(document));
}

export const NO_CONTENT: Answer = { status: 204 };

export const ok = (document: object, headers: Record<string, string> = {}): Answer => ({
  status: 200,
  document,
  headers,
});
