import type { FastifyReply } from 'fastify';
import type { RequestSpan, Tracing } from '../../tracing/tracing.js';
import type { ObservedRequest } from '../request/observed-request.js';
import { kindOf } from './observed-routes.js';

/** A span for each request, except for the probes of a load balancer. */
export class RequestTraces {
  private readonly spans = new WeakMap<ObservedRequest, RequestSpan>();

  constructor(private readonly tracing: Tracing) {}

  /** When the headers have been read. */
  begin(request: ObservedRequest, next: () => void): void {
    const { url: route } = request.routeOptions;
    if (kindOf(route) !== 'health') this.start(request, route);
    this.enter(request, next);
  }

  /** Everything that follows belongs to the span; to be repeated when the body was read, whose events do not. */
  enter(request: ObservedRequest, next: () => void): void {
    const span = this.spans.get(request);
    if (span) span.run(next);
    else next();
  }

  /** Called when a response has been sent. */
  observe(request: ObservedRequest, reply: FastifyReply): void {
    const { statusCode } = reply;
    const result = request.result === undefined ? {} : { 'latchkey.result': request.result };
    this.spans.get(request)?.end({ 'http.response.status_code': statusCode, ...result }, statusCode >= 500);
  }

  private start(request: ObservedRequest, route: string | undefined): void {
    const name = route === undefined ? request.method : `${request.method} ${route}`;
    const span = this.tracing.startRequest(request.headers, name, {
      'http.request.method': request.method,
      'url.scheme': request.protocol,
      ...(route === undefined ? {} : { 'http.route': route }),
    });
    this.spans.set(request, span);
  }
}
