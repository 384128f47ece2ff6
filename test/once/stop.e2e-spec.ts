import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { NATIVE } from '../support/dialects.js';
import { get } from '../support/http.js';
import { aClient } from '../support/registration.js';
import { startServer } from '../support/server.js';

const idleConnection = (port: number) =>
  new Promise<import('node:net').Socket>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket)).once('error', reject);
  });

describe('Server that is asked to stop', { timeout: 60_000 }, () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('exits with 0 at %s', async (signal) => {
    const server = await startServer();
    expect(await server.stop(signal)).toEqual({ code: 0, signal: null });
    expect(server.stderr()).not.toMatch(/"level":"(error|fatal)"/);
    expect(server.stderr()).toMatch(/"level":"info",.*"msg":"Latchkey has stopped"\}\n$/);
  });

  it('does not wait for idle connections', async () => {
    const server = await startServer();
    const idle = await idleConnection(server.port);
    const before = performance.now();
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - before).toBeLessThan(9000);
    idle.destroy();
  });

  it('answers earlier requests while clients keep sending new ones', async () => {
    const server = await startServer();
    const client = await aClient(server).register();
    const statuses: number[] = [];
    const broken: string[] = [];
    const line = async () => {
      for (;;) {
        try {
          statuses.push((await client.ask(NATIVE)).status);
        } catch (error) {
          const { cause } = error as { cause?: { code?: string } };
          broken.push(String(cause?.code));
          return;
        }
      }
    };
    const lines = Array.from({ length: 10 }, line);
    await new Promise((resolve) => setTimeout(resolve, 500));
    const before = performance.now();
    const exit = await server.stop();
    // Connections that were busy when it began are let go as soon as they have their answer.
    expect(performance.now() - before).toBeLessThan(4500);
    await Promise.all(lines);
    expect(exit).toEqual({ code: 0, signal: null });
    expect(statuses.length).toBeGreaterThan(20);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(broken).toHaveLength(10);
    expect(server.stderr()).not.toMatch(/"level":"(error|fatal)"/);
  });

  it('keeps serving, not ready, for the configured time (fault F7)', async () => {
    const server = await startServer({ env: { LATCHKEY_SHUTDOWN_DELAY_SECONDS: '4' } });
    const client = await aClient(server).register();
    const { url } = server;
    const stopped = server.stop();
    await expect
      .poll(async () => (await get(`${url}/health/ready`)).body, { timeout: 3000, interval: 20 })
      .toEqual({ status: 'stopping' });
    const token = await client.ask(NATIVE);
    expect(token.status).toBe(200);
    expect(token.headers.get('connection')).toBe('close');
    expect((await get(`${url}/health/live`)).status).toBe(200);
    expect(await stopped).toEqual({ code: 0, signal: null });
  });

  it('announces the close on a busy connection before closing it (RFC 9112 9.6)', async () => {
    const server = await startServer();
    const socket = await idleConnection(server.port);
    const answers: string[] = [];
    const ask = () => socket.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n');
    const ended = new Promise<string>((resolve) => {
      socket.on('error', ({ message }) => resolve(message)).on('end', () => resolve('ended'));
    });
    socket.on('data', (data) => {
      answers.push(data.toString());
      if (!/^connection: close\r$/im.test(data.toString())) ask();
    });
    ask();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(answers.length).toBeGreaterThan(2);
    expect(await server.stop()).toEqual({ code: 0, signal: null });
    expect(await ended).toBe('ended');
    expect(answers.at(-1)).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)*connection: close\r\n/i);
  });
});
