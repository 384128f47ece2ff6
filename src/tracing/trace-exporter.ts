import { setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Log } from '../config/log.js';

const DEFAULT_SERVICE_NAME = 'latchkey';
const LOG_INTERVAL_MS = 60_000;

/**
 * The provider of the OpenTelemetry SDK, which reads its standard environment variables itself. Spans wait in a bounded
 * queue and are dropped while the collector does not take them.
 */
export function openTracerProvider(log: Log): NodeTracerProvider {
  logFailures(log);
  const resource = resourceFromAttributes({ 'service.name': DEFAULT_SERVICE_NAME }).merge(
    detectResources({ detectors: [envDetector] }),
  );
  return new NodeTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
}

/** By name only, and at most once a minute. */
function logFailures(log: Log): void {
  let loggedAt = Number.NEGATIVE_INFINITY;
  setGlobalErrorHandler((error) => {
    if (performance.now() - loggedAt < LOG_INTERVAL_MS) return;
    loggedAt = performance.now();
    const { code, name } = error as { code?: unknown; name?: unknown };
    log.warn({ fault: String(code ?? name) }, 'export of traces failed');
  });
}
