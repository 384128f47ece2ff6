import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DIALECTS, NATIVE } from '../../support/dialects.js';
import { basic, form, get } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, type TestClient } from '../../support/registration.js';
import { startServer } from '../../support/server.js';

const library = useLibrary();
let client: TestClient;
const open: Socket[] = [];

beforeAll(async () => {
  client = await aClient(library.server).register();
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
});

async function aConnection(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  open.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const FORM = 'application/x-www-form-urlencoded';
const head = (path: string, length: number, type = FORM, more = '') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n${more}\r\n`;

const BODY_BYTES = 100_000;
const MAX_HELD_BYTES = 16 * 1024 * 1024;

/** Resolves when the condition holds; the test's own limit ends the wait. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20);
}

describe('Bodies that strangers begin and do not end', () => {
  it('bounds the bytes of unfinished bodies and drops the oldest first (fault B7)', async () => {
    const count = 2 * Math.ceil(MAX_HELD_BYTES / BODY_BYTES);
    const sockets: Socket[] = [];
    for (let n = 0; n < count; n++) {
      const socket = await aConnection(library.server.port);
      const path = DIALECTS[n % DIALECTS.length]!.token;
      socket.resume().write(head(path, BODY_BYTES + 1) + 'x'.repeat(BODY_BYTES));
      sockets.push(socket);
    }
    const isOpen = (socket: Socket) => !socket.destroyed && socket.readyState === 'open';
    await until(() => sockets.filter(isOpen).length * BODY_BYTES <= MAX_HELD_BYTES);
    expect(isOpen(sockets.at(-1)!)).toBe(true);
    expect(isOpen(sockets[0]!)).toBe(false);
    // Others are served meanwhile, with bodies in several pieces too.
    expect((await client.ask(NATIVE)).status).toBe(200);
    const padded = { grant_type: 'client_credentials', padding: 'x'.repeat(60_000) };
    expect((await form(library.server.url + NATIVE.token, padded, client.basic)).status).toBe(200);
  });

  it('rejects bodies by Content-Length beyond the OAuth limit (fault B7)', async () => {
    for (const { token } of DIALECTS) {
      const socket = await aConnection(library.server.port);
      socket.write(head(token, 400_000));
      const [answer] = await once(socket, 'data');
      expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
    }
  });
});

describe('The administration API', () => {
  const withBasic = (id: string, secret: string) => `Authorization: ${basic(id, secret).authorization}\r\n`;

  it.each([
    ['POST', '/Client'],
    ['PUT', '/AccessPolicy/x'],
    ['POST', '/AccessPolicy/$explain'],
  ])('rejects an unauthenticated request before reading its body: %s %s (fault B7)', async (method, path) => {
    for (const credentials of ['', withBasic('root', 'a wrong secret'), 'Authorization: Bearer x\r\n']) {
      const socket = await aConnection(library.server.port);
      socket.write(head(path, 500_000, 'application/json', credentials).replace('POST', method));
      const [answer] = await once(socket, 'data');
      expect(String(answer)).toMatch(/^HTTP\/1\.1 401 /);
    }
  });

  it('accepts 16 KiB at operations and deletions (fault B7)', async () => {
    const credentials = withBasic(library.server.adminId, library.server.adminSecret);
    for (const [method, path] of [
      ['POST', '/Client/x/$rotate-secret'],
      ['POST', '/SigningKey/$rotate'],
      ['PATCH', '/Session/x'],
      ['DELETE', '/Client/x'],
    ] as const) {
      const socket = await aConnection(library.server.port);
      socket.write(head(path, 16 * 1024 + 1, 'application/json', credentials).replace('POST', method));
      const [answer] = await once(socket, 'data');
      expect(String(answer)).toMatch(/^HTTP\/1\.1 413 /);
    }
  });
});

describe('LATCHKEY_MAX_CONNECTIONS', () => {
  it('closes connections beyond the maximum and accepts new ones once others end (fault B7)', async () => {
    const server = await startServer({ env: { LATCHKEY_MAX_CONNECTIONS: '5' } });
    try {
      const sockets: Socket[] = [];
      for (let n = 0; n < 20; n++) sockets.push((await aConnection(server.port)).resume());
      await until(() => sockets.filter(({ destroyed }) => !destroyed).length <= 5);
      for (const socket of sockets) socket.destroy();
      const reached = () =>
        get(`${server.url}/health/live`).then(
          ({ status }) => status,
          () => 0,
        );
      while ((await reached()) !== 200) await sleep(20);
    } finally {
      await server.stop();
    }
  });
});
