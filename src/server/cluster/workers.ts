import cluster, { type Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../config/log.js';
import { logStopped } from '../announcement.js';
import { RestartBackoff } from './restart-backoff.js';
import { WorkerActivity } from './worker-activity.js';
import { WorkerMetrics } from './worker-metrics.js';

/** Longer than a worker waits for open requests, less than the ten seconds after which a container is killed. */
const MAX_STOP_MS = 8000;
/** Lets a worker complete its open requests. */
const STOP = 'SIGTERM';
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A worker's first message: it serves, and whether it created and printed the administrator; or why it cannot serve.
 */
export type WorkerMessage = { ready: true; adminCreated: boolean } | { ready: false; reason: string };

type StartResult = { ready: true; worker: Worker; adminCreated: boolean } | { ready: false; reason: string };

/**
 * Starts the serving processes, replaces those that die, and stops them. It serves nothing itself. The first worker
 * migrates and creates the administrator before others start.
 */
export class Workers {
  private readonly serving = new Set<Worker>();
  private readonly metrics = new WorkerMetrics(() => this.serving);
  private readonly activity = new WorkerActivity(() => this.serving);
  private readonly backoff = new RestartBackoff();
  private stopping = false;
  private exitCode = 0;

  constructor(
    private readonly count: number,
    private readonly log: Log,
    private readonly shutdownDelaySeconds: number,
  ) {}

  /** Resolves when the first worker serves, to whether it created the administrator. */
  async start(): Promise<boolean> {
    cluster.setupPrimary({ exec: fileURLToPath(new URL('./worker.js', import.meta.url)) });
    for (const signal of STOP_SIGNALS) process.on(signal, () => this.stop());
    const result = await startWorker();
    if (!result.ready) return this.stopping ? forever() : Promise.reject(new Error(result.reason));
    this.watch(result.worker);
    for (let place = 1; place < this.count; place++) void this.fill();
    return result.adminCreated;
  }

  /** The metrics of all workers as text. */
  scrape(): Promise<string> {
    return this.metrics.scrape();
  }

  /** Starts workers for one slot until one of them serves. */
  private async fill(): Promise<void> {
    while (!this.stopping) {
      // The administrator was set up at the start: a later worker must not undo changes made since.
      const result = await startWorker({
        LATCHKEY_ADMIN_CLIENT_SECRET: undefined,
        LATCHKEY_ADMIN_CLIENT_SECRET_FILE: undefined,
      });
      if (result.ready) return this.watch(result.worker);
      await this.afterDeath({ reason: result.reason });
    }
  }

  private watch(worker: Worker): void {
    const since = performance.now();
    const { pid } = worker.process;
    this.serving.add(worker);
    this.activity.answer(worker);
    this.backoff.workerServes();
    this.log.info({ worker: pid }, 'worker ready');
    void endOf(worker).then(async (reason) => {
      this.serving.delete(worker);
      await this.metrics.workerEnded(worker);
      await this.afterDeath({ worker: pid, reason }, performance.now() - since);
      await this.fill();
    });
  }

  private async afterDeath(details: object, servedMilliseconds?: number): Promise<void> {
    if (this.stopping) return;
    const { pauseMilliseconds, givenUp } = this.backoff.workerDied(servedMilliseconds);
    this.log.error({ ...details, pauseMilliseconds }, 'worker ended; starting another');
    if (givenUp && this.serving.size === 0) {
      this.log.fatal({}, 'no worker is running, and none can be started');
      this.exitCode = 1;
      this.stop();
    } else await sleep(pauseMilliseconds);
  }

  /** Stops every worker and exits when all have ended; with 0 if all of them completed their work. */
  private stop(): void {
    if (this.stopping) return;
    this.stopping = true;
    const left = new Set(living());
    if (left.size === 0) this.end();
    for (const worker of left) {
      const served = this.serving.has(worker);
      worker.once('exit', (code) => {
        if (served && code !== 0) this.exitCode = 1;
        left.delete(worker);
        if (left.size === 0) this.end();
      });
      worker.process.kill(STOP);
    }
    setTimeout(
      () => {
        for (const worker of left) worker.process.kill('SIGKILL');
      },
      MAX_STOP_MS + this.shutdownDelaySeconds * 1000,
    );
  }

  private end(): void {
    if (this.exitCode === 0) logStopped(this.log);
    process.exit(this.exitCode);
  }
}

/** Starts a worker; a system that cannot start a process counts as a failed worker. */
function startWorker(env: NodeJS.ProcessEnv = {}): Promise<StartResult> {
  return new Promise((resolve) => {
    const fail = (reason: string) => resolve({ ready: false, reason });
    try {
      const worker = cluster.fork(env);
      worker.once('message', (message: WorkerMessage) => {
        if (message.ready) return resolve({ ready: true, worker, adminCreated: message.adminCreated });
        fail(message.reason);
        worker.process.kill(STOP);
      });
      worker.once('exit', (code, signal) => fail(endedBy(code, signal)));
      worker.on('error', ({ message }) => {
        if (worker.process.pid === undefined) fail(message);
      });
    } catch (error) {
      fail((error as Error).message);
    }
  });
}

function endOf(worker: Worker): Promise<string> {
  const { exitCode, signalCode } = worker.process;
  if (worker.isDead()) return Promise.resolve(endedBy(exitCode, signalCode));
  return new Promise((resolve) => worker.once('exit', (code, signal) => resolve(endedBy(code, signal))));
}

const endedBy = (code: number | null, signal: string | null): string =>
  `a worker ended by ${signal ?? `exit code ${code}`}`;

const living = (): Worker[] =>
  Object.values(cluster.workers ?? {}).filter(
    (worker) => worker !== undefined && !worker.isDead(),
  ) as Worker[];

/** The process is about to end, and callers are not resumed. */
const forever = (): Promise<never> => new Promise(() => undefined);
