import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '../metrics/metrics.js';
import { AuditTrail } from './audit-trail.js';

/** The queue of events that are written with delay. */
@Injectable()
export class AuditMetrics {
  constructor(@Inject(Metrics) metrics: Metrics | undefined, trail: AuditTrail) {
    metrics?.queue('audit_events', () => trail.unwritten);
  }
}
