import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '../metrics/metrics.js';
import { KeyRing } from './key-ring.service.js';

/** The ages of signing keys; a `kid` is no label, so rotations add no series. */
@Injectable()
export class KeyMetrics {
  constructor(@Inject(Metrics) metrics: Metrics | undefined, keys: KeyRing) {
    metrics?.gauge(
      {
        name: 'latchkey_signing_key_created_timestamp_seconds',
        help: 'When the oldest signing key of this algorithm and state was created.',
        labels: ['alg', 'state'],
        aggregator: 'min',
      },
      async () => {
        const oldest = new Map<string, readonly [{ alg: string; state: string }, number]>();
        for (const { alg, state, createdAt } of await keys.states()) {
          const seconds = Math.min(oldest.get(`${alg} ${state}`)?.[1] ?? Infinity, createdAt / 1000);
          oldest.set(`${alg} ${state}`, [{ alg, state }, seconds]);
        }
        return [...oldest.values()];
      },
    );
  }
}
