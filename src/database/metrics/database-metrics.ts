import { Inject, Injectable } from '@nestjs/common';
import { Metrics } from '../../metrics/metrics.js';
import { DurableWriter } from '../durable-writer.js';
import { Searches } from '../search/search.js';
import { UnitOfWork } from '../unit-of-work.js';

const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512];
const FLUSH_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** Batches of writes, and the queues before the database. */
@Injectable()
export class DatabaseMetrics {
  constructor(
    @Inject(Metrics) metrics: Metrics | undefined,
    @Inject(DurableWriter) writer: DurableWriter,
    searches: Searches,
    unitOfWork: UnitOfWork,
  ) {
    if (!metrics) return;
    const size = { name: 'latchkey_write_batch_size', help: 'Writes that were committed together.' };
    const sizes = metrics.histogram(size, BATCH_SIZES).bind();
    const time = {
      name: 'latchkey_write_flush_duration_seconds',
      help: 'Time from the start of a batch until it is on disk.',
    };
    const times = metrics.histogram(time, FLUSH_SECONDS).bind();
    writer.observe((writes, milliseconds) => {
      sizes.observe(writes);
      times.observe(milliseconds / 1000);
    });
    metrics.queue('writes', () => writer.waiting);
    metrics.queue('searches', () => searches.waiting);
    metrics.queue('transactions', () => unitOfWork.waiting);
  }
}
