import cluster from 'node:cluster';
import { readSettings } from '../../config/environment.js';
import { serve } from '../serving.js';
import { shareActivity } from './worker-activity.js';
import { answerPrimary } from './worker-metrics.js';
import type { WorkerMessage } from './workers.js';

/** Makes the process finish its work and exit with 0. */
const STOP = 'SIGTERM';

let serving = false;

process.on(STOP, () => {
  if (!serving) process.exit(0);
});
// Ctrl-C signals every process of a terminal; the primary receives it too and stops each worker.
process.on('SIGINT', () => undefined);

// The primary has died, so nothing could stop or replace this worker. Node's default would end it in the middle of
// responses.
cluster.worker?.once('disconnect', () => {
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
  process.kill(process.pid, STOP);
});

/** One of several processes that serve on the same port, started by `workers.ts`. */
async function start(): Promise<void> {
  const { adminCreated } = await serve(readSettings(), {
    signals: [STOP],
    expose: answerPrimary,
    share: shareActivity,
  });
  serving = true;
  send({ ready: true, adminCreated });
}

function send(message: WorkerMessage): void {
  process.send?.(message);
}

// The primary stops this worker when the reason has arrived: a process that exits by itself may be gone before its
// last message.
start().catch(({ message }: Error) => send({ ready: false, reason: message }));
