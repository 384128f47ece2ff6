import { Module } from '@nestjs/common';
import { ConfigModule } from '../../config/config.module.js';
import { openAccessLines } from '../../config/log.js';
import { Settings } from '../../config/settings.js';
import { Metrics } from '../../metrics/metrics.js';
import { MetricsModule } from '../../metrics/metrics.module.js';
import { Tracing } from '../../tracing/tracing.js';
import { TracingModule } from '../../tracing/tracing.module.js';
import { AccessLog } from './access-log.js';
import { RequestMetrics } from './request-metrics.js';
import { RequestTraces } from './request-traces.js';

/** Observers of every request; undefined where one is not enabled. */
@Module({
  imports: [ConfigModule, MetricsModule, TracingModule],
  providers: [
    {
      provide: RequestMetrics,
      inject: [Metrics],
      useFactory: (metrics: Metrics | undefined) => metrics && new RequestMetrics(metrics),
    },
    {
      provide: RequestTraces,
      inject: [Tracing],
      useFactory: (tracing: Tracing | undefined) => tracing && new RequestTraces(tracing),
    },
    {
      provide: AccessLog,
      inject: [Settings],
      useFactory: (settings: Settings) =>
        settings.accessLog ? new AccessLog(openAccessLines(settings)) : undefined,
    },
  ],
})
export class ObservationModule {}
