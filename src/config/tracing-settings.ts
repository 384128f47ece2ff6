import { InvalidSetting } from './invalid-setting.js';
import type { ReadSetting } from './setting-reader.js';

const SAMPLERS = ['always_on', 'always_off', 'traceidratio'].flatMap((name) => [name, `parentbased_${name}`]);

/** The supported values of standard variables for which the SDK would silently substitute others. */
const CHOICES: readonly (readonly [string, readonly string[]])[] = [
  ['OTEL_TRACES_EXPORTER', ['otlp', 'none']],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', ['http/protobuf']],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', ['http/protobuf']],
  ['OTEL_PROPAGATORS', ['tracecontext', 'tracecontext,baggage']],
  ['OTEL_TRACES_SAMPLER', SAMPLERS],
];

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];

/** Whether traces are exported: an endpoint or the exporter is set by OpenTelemetry's own variables. */
export function readTracing(read: ReadSetting): boolean {
  const exporter = read('OTEL_TRACES_EXPORTER');
  const endpoints = ENDPOINTS.filter((name) => read(name) !== undefined);
  const isDisabled = read('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' || exporter === 'none';
  if (isDisabled || (endpoints.length === 0 && exporter === undefined)) return false;
  for (const [name, choices] of CHOICES) {
    const value = read(name);
    if (value !== undefined && !choices.includes(value))
      throw new InvalidSetting(name, `must be one of ${choices.join(', ')}`);
  }
  for (const name of endpoints) {
    if (!/^https?:\/\/\S+$/.test(read(name) ?? ''))
      throw new InvalidSetting(name, 'must be a URL that starts with http:// or https://');
  }
  return true;
}
