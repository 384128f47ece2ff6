import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { mergeMap, type Observable, type ObservableInput, of } from 'rxjs';
import { inSlices } from '../../../runtime/slices.js';
import { type Answer, NO_STORE_HEADERS } from './answer.js';
import { assertCurrentRead, hasVersion } from './entity-tags.js';
import { representationFor } from './representation.js';

/** Writes what a handler returned, in the representation that the caller accepts. */
@Injectable()
export class AnswerInterceptor implements NestInterceptor<Answer, string | undefined> {
  intercept(context: ExecutionContext, next: CallHandler<Answer>): Observable<string | undefined> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(mergeMap((answer) => written(reply, answer)));
  }
}

/** Sets status and headers, and returns the body. */
function written(
  reply: FastifyReply,
  { status, document, headers = {} }: Answer,
): ObservableInput<string | undefined> {
  const { method, headers: asked } = reply.request;
  if (method === 'GET' || method === 'HEAD') {
    assertCurrentRead(asked, headers.etag);
    if (hasVersion(asked, headers.etag)) {
      reply.code(304).headers({ ...NO_STORE_HEADERS, ...headers });
      return of(undefined);
    }
  }
  reply.code(status).headers({ ...NO_STORE_HEADERS, ...headers });
  if (document === undefined) return of(undefined);
  const { contentType, write, writeInSteps } = representationFor(asked.accept);
  reply.header('content-type', contentType);
  return writeInSteps ? inSlices(writeInSteps(document)) : of(write(document));
}
