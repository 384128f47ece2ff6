import type { Worker } from 'node:cluster';
import { exposeMetrics, mergeCounts } from '../../metrics/exposition.js';
import type { MetricFamilies, Metrics } from '../../metrics/metrics.js';

/** A worker that takes longer is left out of a scrape. */
const MAX_ANSWER_MS = 2000;

/** Asks a worker for its metrics; it answers with the same number. */
interface MetricsRequest {
  scrape: number;
}

export interface MetricsAnswer extends MetricsRequest {
  families: MetricFamilies;
}

/** In a worker: sends its metrics to the primary whenever it asks. */
export function answerPrimary(metrics: Metrics): void {
  process.on('message', ({ scrape }: Partial<MetricsRequest>) => {
    if (scrape === undefined) return;
    void metrics.families().then((families) => {
      const answer: MetricsAnswer = { scrape, families };
      if (process.connected) process.send?.(answer);
    });
  });
}

/** In the primary: the metrics of all workers as one. The counts of a worker are kept when it ends. */
export class WorkerMetrics {
  private readonly latest = new Map<Worker, MetricFamilies>();
  private ended: MetricFamilies = [];
  private scrapes = 0;

  constructor(private readonly serving: () => Iterable<Worker>) {}

  async scrape(): Promise<string> {
    const answers = await Promise.all(Array.from(this.serving(), (worker) => this.ask(worker)));
    return exposeMetrics([this.ended, ...answers]);
  }

  /** Its counts since the last scrape are lost. */
  async workerEnded(worker: Worker): Promise<void> {
    const last = this.latest.get(worker);
    this.latest.delete(worker);
    if (last) this.ended = await mergeCounts(this.ended, last);
  }

  /** Of a worker that does not answer, the counts of its latest answer: a total must not decrease. */
  private ask(worker: Worker): Promise<MetricFamilies> {
    const scrape = ++this.scrapes;
    return new Promise((resolve) => {
      const settle = (families: MetricFamilies) => {
        clearTimeout(timer);
        worker.off('message', receive);
        resolve(families);
      };
      const timer = setTimeout(
        () => void mergeCounts(this.latest.get(worker) ?? []).then(settle),
        MAX_ANSWER_MS,
      );
      const receive = (answer: Partial<MetricsAnswer>) => {
        if (answer.scrape !== scrape || !answer.families) return;
        this.latest.set(worker, answer.families);
        settle(answer.families);
      };
      worker.on('message', receive);
      if (worker.isConnected()) worker.send({ scrape } satisfies MetricsRequest);
    });
  }
}
