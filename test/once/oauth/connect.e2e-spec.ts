import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { raw } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();

describe('CONNECT', () => {
  const tunnel = (target: string) =>
    raw(library.server.port, `CONNECT ${target} HTTP/1.1\r\nHost: a:80\r\n\r\n`);

  it.each([
    ['/auth/token', 'POST', 'application/json; charset=utf-8'],
    ['/Client?name=x', 'GET, HEAD, POST', 'application/problem+json; charset=utf-8'],
  ])(
    'answers CONNECT 405 with Allow and closes the connection: %s (E05, RFC 9110 15.5.6)',
    async (target, allow, type) => {
      const text = await tunnel(target);
      expect(text).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/);
      expect(/^Allow: (.+)\r$/m.exec(text)?.[1]).toBe(allow);
      expect(/^content-type: (.+)\r$/im.exec(text)?.[1]).toBe(type);
      expect(text).toContain('Connection: close');
    },
  );

  it.each(['a:80', 'localhost:443', '/nothing', '/Client/$no-operation'])(
    'answers CONNECT to an unknown target 404 and closes the connection: %s (E08, RFC 9110 15.5.5)',
    async (target) => {
      const text = await tunnel(target);
      expect(text).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
      expect(text).not.toContain('Allow:');
      expect(text).toContain('Connection: close');
    },
  );

  it('closes the connection of a CONNECT client that keeps sending (L06, ASVS 15.2.2)', async () => {
    const socket = connect({ port: library.server.port, host: '127.0.0.1', allowHalfOpen: true });
    const more = setInterval(() => socket.write('x'), 100);
    socket.on('error', () => undefined).on('data', () => undefined);
    socket.write('CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    clearInterval(more);
  });
});
