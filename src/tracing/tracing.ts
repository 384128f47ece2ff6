import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';
import type { Log } from '../config/log.js';

type Api = typeof import('@opentelemetry/api');
type Propagator = import('@opentelemetry/core').W3CTraceContextPropagator;

const MAX_FLUSH_MS = 2000;

/** The span of one request. */
export interface RequestSpan {
  /** Everything that `work` starts belongs to the span. */
  run(work: () => void): void;
  end(attributes: Attributes, failed: boolean): void;
}

interface Opened {
  api: Api;
  propagator: Propagator;
  tracer: Tracer;
  shutdown: () => Promise<void>;
}

/** The traces of this process, exported by OTLP. Spans have no value of a request: no path, query, id or scope. */
export class Tracing {
  private readonly current = new AsyncLocalStorage<Context>();

  private constructor(private readonly opened: Opened) {}

  /** Loads the libraries on demand, so that a server without traces needs neither their memory nor their time. */
  static async open(log: Log): Promise<Tracing> {
    const [api, { W3CTraceContextPropagator }, { openTracerProvider }] = await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/core'),
      import('./trace-exporter.js'),
    ]);
    const provider = openTracerProvider(log);
    return new Tracing({
      api,
      propagator: new W3CTraceContextPropagator(),
      tracer: provider.getTracer('latchkey'),
      shutdown: () => provider.shutdown(),
    });
  }

  /** A span of the trace that the request belongs to (W3C Trace Context 3), or of a new one. */
  startRequest(headers: IncomingHttpHeaders, name: string, attributes: Attributes): RequestSpan {
    const { api, propagator, tracer } = this.opened;
    const parent = propagator.extract(api.ROOT_CONTEXT, headers, api.defaultTextMapGetter);
    const span = tracer.startSpan(name, { kind: api.SpanKind.SERVER, attributes }, parent);
    const context = api.trace.setSpan(parent, span);
    return {
      run: (work) => this.current.run(context, work),
      end: (last, failed) => this.end(span.setAttributes(last), failed),
    };
  }

  /** A span of the current request around a call to another system; outside of a request there is none. */
  async around<T>(name: string, attributes: Attributes, call: () => Promise<T>): Promise<T> {
    const context = this.current.getStore();
    if (!context) return call();
    const { api, tracer } = this.opened;
    const span = tracer.startSpan(name, { kind: api.SpanKind.CLIENT, attributes }, context);
    let failed = true;
    try {
      const result = await call();
      failed = false;
      return result;
    } finally {
      this.end(span, failed);
    }
  }

  /** Exports the remaining spans, unless the collector is slow. */
  async close(): Promise<void> {
    const limit = new Promise<void>((resolve) => setTimeout(resolve, MAX_FLUSH_MS).unref());
    await Promise.race([this.opened.shutdown().catch(() => undefined), limit]);
  }

  private end(span: Span, failed: boolean): void {
    if (failed) span.setStatus({ code: this.opened.api.SpanStatusCode.ERROR });
    span.end();
  }
}
