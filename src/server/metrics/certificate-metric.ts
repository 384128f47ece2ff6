import type { X509Certificate } from 'node:crypto';
import type { Metrics } from '../../metrics/metrics.js';

/** When the certificate that is in use expires; the result is called with each one that is loaded. */
export function certificateMetric(metrics: Metrics): (certificate: X509Certificate) => void {
  let expiresAt: number | undefined;
  metrics.gauge(
    {
      name: 'latchkey_tls_certificate_expiry_timestamp_seconds',
      help: 'When the TLS certificate expires.',
      aggregator: 'min',
    },
    () => expiresAt,
  );
  return ({ validTo }) => {
    expiresAt = Date.parse(validTo) / 1000;
  };
}
