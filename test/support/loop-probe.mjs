import { createServer } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into a server under test before its own code: reports on a socket the longest stop of the event loop since
 * the previous report, and the heap in use.
 */
const TICK_MS = 2;

function serve(path) {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc');
  let longestMs = 0;
  let at = performance.now();
  let used = process.cpuUsage();
  setInterval(() => {
    const now = performance.now();
    const { user, system } = process.cpuUsage(used);
    // Time spent waiting for a CPU is not work of this process, and work of its other threads does not stop the loop.
    longestMs = Math.max(longestMs, Math.min(now - at - TICK_MS, (user + system) / 1000));
    at = now;
    used = process.cpuUsage();
  }, TICK_MS).unref();
  createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', (word) => {
      if (String(word) === 'heap') collectGarbage();
      socket.end(JSON.stringify({ longestMs, heapBytes: process.memoryUsage().heapUsed }));
      longestMs = 0;
    });
  })
    .listen(path)
    .unref();
}

if (isMainThread && process.env.TEST_LOOP_SOCKET) serve(process.env.TEST_LOOP_SOCKET);
