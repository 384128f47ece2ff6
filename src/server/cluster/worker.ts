import cluster from 'node:cluster';
import { readSettings } from '../../config/environment.js';
import { serve } from '../serving.js';
import type { WorkerMessage } from './workers.js';

/** Makes the process end with 0 when what it does is done. */
const STOP = 'SIGTERM';

let serving = false;

process.on(STOP, () => {
  if (!serving) process.exit(0);
});
// Control-C reaches every process of a terminal; the primary hears it too and asks each worker to stop.
process.on('SIGINT', () => undefined);

// Nobody is left who could stop this worker or start another. Node would end it in the middle of its answers.
cluster.worker?.once('disconnect', () => {
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
  process.kill(process.pid, STOP);
});

/** One of several processes that serve on the same port, started by `workers.ts`. */
async function start(): Promise<void> {
  const { made } = await serve(readSettings(), [STOP]);
  serving = true;
  tell({ ready: true, made });
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}

// It is asked to stop when its reason has arrived: a process that ends by itself may be gone before its last message.
start().catch(({ message }: Error) => tell({ ready: false, reason: message }));
