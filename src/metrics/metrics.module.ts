import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module.js';
import { Settings } from '../config/settings.js';
import { registerCacheMetrics } from './cache-metrics.js';
import { Metrics } from './metrics.js';
import { ProcessActivity } from './process-activity.js';
import { ServerCertificate } from './server-certificate.js';

/**
 * Provides the metrics of this process, undefined unless they are enabled, and what the overview of administrators counts
 * in any case.
 */
@Module({
  imports: [ConfigModule],
  providers: [
    ProcessActivity,
    ServerCertificate,
    {
      provide: Metrics,
      inject: [Settings],
      useFactory: async ({ metrics: enabled, workers }: Settings): Promise<Metrics | undefined> => {
        if (!enabled) return undefined;
        const metrics = await Metrics.open();
        registerCacheMetrics(metrics);
        metrics.gauge({ name: 'latchkey_processes', help: 'Serving processes.' }, () => 1);
        metrics.gauge(
          {
            name: 'latchkey_processes_configured',
            help: 'Serving processes that are configured.',
            aggregator: 'max',
          },
          () => workers,
        );
        return metrics;
      },
    },
  ],
  exports: [Metrics, ProcessActivity, ServerCertificate],
})
export class MetricsModule {}
