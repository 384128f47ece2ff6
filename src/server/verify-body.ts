import type { FastifyReply, FastifyRequest } from 'fastify';
import { VERIFY_PATH } from '../http/oauth/verify.controller.js';

const MAX_WAIT_MS = 250;

/**
 * A gateway may forward the headers of a request whose body it keeps. Such a body is read and discarded; if it does
 * not arrive, the connection closes with the response, because the gateway's next request would be read as the body.
 */
export function drainVerifyBody(
  { url, headers, raw }: FastifyRequest,
  reply: FastifyReply,
  proceed: () => void,
): void {
  if (!url.startsWith(VERIFY_PATH)) {
    proceed();
    return;
  }
  const announced = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  for (const name of ['content-type', 'content-length', 'transfer-encoding']) delete headers[name];
  if (!announced) {
    proceed();
    return;
  }
  const late = setTimeout(() => {
    raw.off('end', whole);
    reply.header('connection', 'close');
    proceed();
  }, MAX_WAIT_MS);
  const whole = () => {
    clearTimeout(late);
    proceed();
  };
  raw.once('end', whole).resume();
}
