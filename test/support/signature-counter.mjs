import { createServer } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** Loaded into a server under test before its own code: writes to each connection how many signatures it has checked. */
function serve(path) {
  let checks = 0;
  const { verify } = SubtleCrypto.prototype;
  SubtleCrypto.prototype.verify = function (...args) {
    checks++;
    return verify.apply(this, args);
  };
  createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(String(checks));
  })
    .listen(path)
    .unref();
}

if (isMainThread && process.env.TEST_SIGNATURE_SOCKET) serve(process.env.TEST_SIGNATURE_SOCKET);
