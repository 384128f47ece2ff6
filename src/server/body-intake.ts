import type { IncomingMessage } from 'node:http';
import { errorCodes, type FastifyRequest } from 'fastify';
import { BodyBudget } from './body-budget.js';

/** Every route accepts this much, so a route's own limit is looked up only for more. */
const SMALL_BODY_BYTES = 16 * 1024;

/**
 * Secrets and assertions are in the body, so unauthenticated callers send it. Slightly above OAuth's limit, so that
 * an oversized body gets the endpoint's own error.
 */
export const MAX_UNAUTHENTICATED_BODY_BYTES = 128 * 1024;

const MAX_UNAUTHENTICATED_BYTES = 16 * 1024 * 1024;
const MAX_AUTHENTICATED_BYTES = 64 * 1024 * 1024;

const unauthenticatedBudget = new BodyBudget(MAX_UNAUTHENTICATED_BYTES);
const authenticatedBudget = new BodyBudget(MAX_AUTHENTICATED_BYTES);

type Done = (error: Error | null, body?: Buffer) => void;

/** Reads a body up to its route's limit. The bytes of incomplete bodies count against a budget. */
export function takeBody(request: FastifyRequest, payload: IncomingMessage, done: Done): void {
  const announced = Number(request.headers['content-length']);
  const limit = announced <= SMALL_BODY_BYTES ? SMALL_BODY_BYTES : request.routeOptions.bodyLimit;
  if (announced > limit) {
    done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    return;
  }
  const budget = 'caller' in request ? authenticatedBudget : unauthenticatedBudget;
  const chunks: Buffer[] = [];
  let received = 0;
  let finished = false;
  const finish = (error: Error | null, body?: Buffer) => {
    if (finished) return;
    // The listeners are not removed: they are freed with the request, and removing four costs more than reading a
    // small body.
    finished = true;
    budget.release(payload);
    done(error, body);
  };
  const collect = (chunk: Buffer) => {
    if (finished) return;
    received += chunk.length;
    if (received > limit) {
      finish(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
      return;
    }
    chunks.push(chunk);
    if (received !== announced) budget.hold(payload, chunk.length);
  };
  const fail = (error: Error) => finish(Object.assign(error, { statusCode: 400 }));
  const end = () => {
    if (!payload.complete || (!Number.isNaN(announced) && received !== announced)) {
      finish(new errorCodes.FST_ERR_CTP_INVALID_CONTENT_LENGTH());
    } else finish(null, Buffer.concat(chunks, received));
  };
  payload.on('data', collect).on('end', end).on('error', fail).on('close', end);
}
