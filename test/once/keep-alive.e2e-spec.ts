import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startServer } from '../support/server.js';

async function ask(port: number) {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
  const [head] = (await once(socket, 'data')) as [Buffer];
  return { socket, head: String(head) };
}

describe('Idle connections', () => {
  it('outlive the idle timeout of common proxies, and announce their own (fault D6)', async () => {
    const server = await startServer();
    try {
      const { socket, head } = await ask(server.port);
      expect(head).toMatch(/^keep-alive: timeout=620\r$/im);
      socket.destroy();
    } finally {
      await server.stop();
    }
  });

  it('are closed after the configured time (fault D6)', async () => {
    const server = await startServer({ env: { LATCHKEY_KEEP_ALIVE_SECONDS: '1' } });
    try {
      const { socket, head } = await ask(server.port);
      expect(head).toMatch(/^keep-alive: timeout=1\r$/im);
      await once(socket, 'end');
    } finally {
      await server.stop();
    }
  });
});
