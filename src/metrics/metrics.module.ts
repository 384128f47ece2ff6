import { Module } from '@nestjs/common';
import { ConfigModule } from '../config/config.module.js';
import { Settings } from '../config/settings.js';
import { registerCacheMetrics } from './cache-metrics.js';
import { Metrics } from './metrics.js';

/** Provides the metrics of this process; undefined unless they are enabled, so that nothing is measured. */
@Module({
  imports: [ConfigModule],
  providers: [
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
  exports: [Metrics],
})
export class MetricsModule {}
