import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { expect } from 'vitest';
import { listenOnLoopback } from './loopback.js';
import { hexIn, type Message, messagesIn, readMessage, textIn } from './protobuf.js';

export interface ReceivedSpan {
  service: string;
  trace: string;
  id: string;
  parent: string;
  name: string;
  /** 2: server, 3: client. */
  kind: number;
  failed: boolean;
  attributes: Record<string, string | number>;
}

/** opentelemetry.proto.common.v1.KeyValue, with a text or a whole number. */
const attributesIn = (message: Message, field: number): Record<string, string | number> =>
  Object.fromEntries(
    messagesIn(message, field).map((pair) => {
      const [value] = messagesIn(pair, 2);
      const number = value?.get(3)?.[0];
      return [textIn(pair, 1), typeof number === 'number' ? number : textIn(value ?? new Map(), 1)];
    }),
  );

/** opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest */
const spansIn = (body: Buffer): ReceivedSpan[] =>
  messagesIn(readMessage(body), 1).flatMap((resourceSpans) => {
    const [resource] = messagesIn(resourceSpans, 1);
    const service = String(attributesIn(resource ?? new Map(), 1)['service.name']);
    const spans = messagesIn(resourceSpans, 2).flatMap((scope) => messagesIn(scope, 2));
    return spans.map((span) => ({
      service,
      trace: hexIn(span, 1),
      id: hexIn(span, 2),
      parent: hexIn(span, 4),
      name: textIn(span, 5),
      kind: Number(span.get(6)?.[0]),
      failed: messagesIn(span, 15).some((status) => status.get(3)?.[0] === 2),
      attributes: attributesIn(span, 9),
    }));
  });

/** A collector that receives traces by OTLP over HTTP, in the binary encoding. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  readonly paths: (string | undefined)[] = [];
  port = 0;
  stop: () => Promise<void> = async () => {};

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      receiver.paths.push(request.url);
      receiver.spans.push(...spansIn(Buffer.concat(chunks)));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
    return Object.assign(receiver, await listenOnLoopback(server));
  }

  /** The settings of a server that exports its traces here. */
  get env(): Record<string, string> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.port}`,
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
    };
  }

  of(trace: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.trace === trace);
  }

  /** The spans of a trace, once the span of the request has arrived: it and its descendants. */
  async request(trace: string): Promise<[ReceivedSpan, ReceivedSpan[]]> {
    await expect.poll(() => this.of(trace).map(({ kind }) => kind)).toContain(2);
    const spans = this.of(trace);
    const own = spans.find(({ kind }) => kind === 2) as ReceivedSpan;
    return [own, spans.filter((span) => span !== own)];
  }
}

/** A trace that a gateway or client has begun (W3C Trace Context 3.2). */
export function aTrace(flags = '01') {
  const [trace, parent] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { trace, parent, headers: { traceparent: `00-${trace}-${parent}-${flags}` } };
}
