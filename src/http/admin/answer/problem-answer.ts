import type { FastifyReply } from 'fastify';
import type { Problem } from '../../../protocol/problem.js';
import { NO_STORE_HEADERS } from './answer.js';
import { representationFor } from './representation.js';

/** Sends a problem document (RFC 9457 3) in the representation that the caller accepts. */
export function sendProblem(
  reply: FastifyReply,
  problem: Problem,
  headers: Readonly<Record<string, string | string[]>> = {},
): void {
  const representation = representationFor(reply.request.headers.accept);
  reply
    .code(problem.status)
    .headers({ ...NO_STORE_HEADERS, 'content-type': representation.problemType, ...headers })
    .send(representation.write(documentOf(problem)));
}

export const documentOf = ({ status, title, detail, errors, members }: Problem): object => ({
  type: 'about:blank',
  title,
  status,
  detail,
  ...(errors.length > 0 ? { errors } : {}),
  ...members,
});
