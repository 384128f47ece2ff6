import type { IncomingMessage } from 'node:http';
import { errorCodes, type FastifyRequest } from 'fastify';
import { BodyBudget } from './body-budget.js';

/** Every route takes this much: to ask for the limit of a route is only worth it beyond. */
const SMALL_BODY_BYTES = 16 * 1024;

/** A secret or an assertion may stand in the body: strangers send it. A little more than OAuth takes, to say so by name. */
export const MAX_STRANGER_BODY_BYTES = 128 * 1024;

const MAX_HELD_FOR_STRANGERS = 16 * 1024 * 1024;
const MAX_HELD_FOR_CALLERS = 64 * 1024 * 1024;

const strangers = new BodyBudget(MAX_HELD_FOR_STRANGERS);
const callers = new BodyBudget(MAX_HELD_FOR_CALLERS);

type Done = (error: Error | null, body?: Buffer) => void;

/** Collects a body up to the limit of its route. What has come of one that is not whole counts against a budget. */
export function takeBody(request: FastifyRequest, payload: IncomingMessage, done: Done): void {
  const announced = Number(request.headers['content-length']);
  const limit = announced <= SMALL_BODY_BYTES ? SMALL_BODY_BYTES : request.routeOptions.bodyLimit;
  if (announced > limit) {
    done(new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE());
    return;
  }
  const budget = 'caller' in request ? callers : strangers;
  const chunks: Buffer[] = [];
  let received = 0;
  let finished = false;
  const finish = (error: Error | null, body?: Buffer) => {
    if (finished) return;
    // The listeners stay: they go with the request, and taking four off costs more than collecting a small body.
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
