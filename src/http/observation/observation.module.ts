import { Module } from '@nestjs/common';
import { Metrics } from '../../metrics/metrics.js';
import { MetricsModule } from '../../metrics/metrics.module.js';
import { RequestMetrics } from './request-metrics.js';

/** What is recorded of every request. */
@Module({
  imports: [MetricsModule],
  providers: [
    {
      provide: RequestMetrics,
      inject: [Metrics],
      useFactory: (metrics: Metrics | undefined) => metrics && new RequestMetrics(metrics),
    },
  ],
})
export class ObservationModule {}
