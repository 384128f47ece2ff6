import type { FastifyReply, FastifyRequest } from 'fastify';
import { VERIFY_PATH } from '../http/oauth/verify.controller.js';

const MAX_WAIT_MS = 250;

/**
 * A gateway may hand on the headers of a request whose body it keeps. Such a body is read and dropped; one that does
 * not come ends the connection with the answer, or the gateway's next question would be taken for it.
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
