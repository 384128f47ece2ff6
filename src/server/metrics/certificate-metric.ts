import type { Metrics } from '../../metrics/metrics.js';
import type { ServerCertificate } from '../../metrics/server-certificate.js';

/** When the certificate that is in use expires. */
export function certificateMetric(metrics: Metrics, certificate: ServerCertificate): void {
  metrics.gauge(
    {
      name: 'latchkey_tls_certificate_expiry_timestamp_seconds',
      help: 'When the TLS certificate expires.',
      aggregator: 'min',
    },
    () => (certificate.expiresAt === undefined ? undefined : certificate.expiresAt / 1000),
  );
}
