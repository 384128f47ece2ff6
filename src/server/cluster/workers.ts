import cluster, { type Worker } from 'node:cluster';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Log } from '../../config/log.js';
import { logStopped } from '../announcement.js';
import { RestartBackoff } from './restart-backoff.js';

/** Longer than a worker waits for answers under way, less than the ten seconds after which a container is killed. */
const MAX_STOP_MS = 8000;
/** Lets a worker finish what is under way. */
const STOP = 'SIGTERM';
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** What a worker tells once: that it serves, and whether it has made and shown the administrator; or why it cannot. */
export type WorkerMessage = { ready: true; made: boolean } | { ready: false; reason: string };

type Begun = { ready: true; worker: Worker; made: boolean } | { ready: false; reason: string };

/**
 * Minds the processes that serve: starts them, starts another for one that dies, ends them all. It serves nothing
 * itself. The first one migrates and ensures the administrator before there is another.
 */
export class Workers {
  private readonly serving = new Set<Worker>();
  private readonly patience = new RestartBackoff();
  private stopping = false;
  private exitCode = 0;

  constructor(
    private readonly count: number,
    private readonly log: Log,
    private readonly shutdownDelaySeconds: number,
  ) {}

  /** Resolves when the first worker serves, with whether it has made the administrator. */
  async start(): Promise<boolean> {
    cluster.setupPrimary({ exec: fileURLToPath(new URL('./worker.js', import.meta.url)) });
    for (const signal of STOP_SIGNALS) process.on(signal, () => this.stop());
    const begun = await begin();
    if (!begun.ready) return this.stopping ? theEnd() : Promise.reject(new Error(begun.reason));
    this.mind(begun.worker);
    for (let place = 1; place < this.count; place++) void this.fill();
    return begun.made;
  }

  /** Starts workers for one place until one of them serves. */
  private async fill(): Promise<void> {
    while (!this.stopping) {
      // The administrator was ensured at the start: a later worker must not undo what was changed since.
      const begun = await begin({ LATCHKEY_ADMIN_CLIENT_SECRET: '', LATCHKEY_ADMIN_CLIENT_SECRET_FILE: '' });
      if (begun.ready) return this.mind(begun.worker);
      await this.afterDeath({ reason: begun.reason });
    }
  }

  private mind(worker: Worker): void {
    const since = performance.now();
    const { pid } = worker.process;
    this.serving.add(worker);
    this.patience.workerServes();
    this.log.info({ worker: pid }, 'a worker serves');
    void endOf(worker).then(async (reason) => {
      this.serving.delete(worker);
      await this.afterDeath({ worker: pid, reason }, performance.now() - since);
      await this.fill();
    });
  }

  private async afterDeath(told: object, servedMilliseconds?: number): Promise<void> {
    if (this.stopping) return;
    const { pauseMilliseconds, givenUp } = this.patience.workerDied(servedMilliseconds);
    this.log.error({ ...told, pauseMilliseconds }, 'a worker ended, another follows');
    if (givenUp && this.serving.size === 0) {
      this.log.fatal({}, 'no worker serves, and none can be started');
      this.exitCode = 1;
      this.stop();
    } else await sleep(pauseMilliseconds);
  }

  /** Asks every worker to finish what is under way, and ends when all have: with 0 where all could. */
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

/** Starts a worker; a system that cannot start a process is a reason like others. */
function begin(env: Record<string, string> = {}): Promise<Begun> {
  return new Promise((resolve) => {
    const fail = (reason: string) => resolve({ ready: false, reason });
    try {
      const worker = cluster.fork(env);
      worker.once('message', (message: WorkerMessage) => {
        if (message.ready) return resolve({ ready: true, worker, made: message.made });
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

/** The process is about to end, and nobody is to be told anything more. */
const theEnd = (): Promise<never> => new Promise(() => undefined);
