import { Inject, Injectable } from '@nestjs/common';
import { AgreedClock } from '../../crypto/agreed-clock.js';
import { Metrics } from '../../metrics/metrics.js';
import { Readiness } from './readiness.js';
import { ShutdownState } from './shutdown-state.js';

const CHECKS = ['read', 'write', 'connect'] as const;

/** The state of the database as readiness probes it, and of its clock. */
@Injectable()
export class HealthMetrics {
  constructor(
    @Inject(Metrics) metrics: Metrics | undefined,
    readiness: Readiness,
    shutdown: ShutdownState,
    clock: AgreedClock,
  ) {
    if (!metrics) return;
    metrics.gauge(
      { name: 'latchkey_database_up', help: 'Whether a token could be stored now.', aggregator: 'min' },
      async () => ((await readiness.check()) ? 0 : 1),
    );
    metrics.gauge(
      {
        name: 'latchkey_database_check_failed',
        help: 'Whether this check of the database failed.',
        labels: ['check'],
        aggregator: 'max',
      },
      async () => {
        const failed = await readiness.check();
        return CHECKS.map((check) => [{ check }, failed?.check === check ? 1 : 0] as const);
      },
    );
    metrics.gauge(
      { name: 'latchkey_stopping', help: 'Whether the process was asked to stop.', aggregator: 'max' },
      () => (shutdown.isStopping ? 1 : 0),
    );
    metrics.gauge(
      {
        name: 'latchkey_clock_skew_seconds',
        help: "How far the process's clock is ahead of the database's.",
        aggregator: 'max',
      },
      () => clock.skewMilliseconds() / 1000,
    );
  }
}
