import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { aCertificate } from '../support/certificate.js';
import { NATIVE } from '../support/dialects.js';
import { basic, get } from '../support/http.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { everywhere, untilWorkers } from '../support/workers.js';

const TWO_WORKERS = { LATCHKEY_WORKERS: '2' };

function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const limit = Date.now() + 20_000; !(await holds()); await sleep(50)) {
    if (Date.now() > limit) throw new Error('It did not happen in time.');
  }
}

const errorsOf = (server: TestServer): string[] =>
  server
    .stderr()
    .split('\n')
    .filter((line) => /"level":"(error|fatal)"/.test(line));

describe('A first start with two workers', { timeout: 60_000 }, () => {
  let server: TestServer;
  beforeAll(async () => {
    const ofItself = { LATCHKEY_ADMIN_CLIENT_SECRET: undefined, LATCHKEY_MASTER_KEY: undefined };
    server = await startServer({ env: { ...TWO_WORKERS, ...ofItself } });
    await untilWorkers(server, 2);
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('prints the address and the first administrator once', () => {
    expect(server.stdout()).toMatch(
      /^Latchkey serves \S+\n\nThe first administrator was created\. .+\n\n {2}client id {6}root\n {2}client secret {2}lks_\S+\n\n$/,
    );
    expect(server.stderr()).not.toContain('lks_');
  });

  it('exits with 1 once no worker is left and none can be started', async () => {
    const workers = await untilWorkers(server, 2);
    rmSync(join(server.dataDir, 'master.key'));
    for (const worker of workers) process.kill(worker, 'SIGKILL');
    expect(await server.ended()).toEqual({ code: 1, signal: null });
    expect(errorsOf(server).at(-1)).toContain('no worker is running, and none can be started');
    expect(errorsOf(server).at(-2)).toContain('LATCHKEY_MASTER_KEY: is not set');
    for (const line of server.stderr().trimEnd().split('\n'))
      expect(() => JSON.parse(line), line).not.toThrow();
  });
});

describe('A server with two workers', { timeout: 60_000 }, () => {
  let server: TestServer;
  let client: TestClient;
  beforeAll(async () => {
    server = await startServer({ env: TWO_WORKERS });
    client = await aClient(server).register();
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('tells in its overview what both have served', async () => {
    await untilWorkers(server, 2);
    const answers = await everywhere(() => client.ask(NATIVE), 24);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    for (const { body } of await everywhere(() => admin(server).get('/$overview'), 6)) {
      expect([body.processes, body.tokens.issued]).toEqual([{ counted: 2, configured: 2 }, 24]);
    }
  });

  it('replaces each killed worker and keeps serving', async () => {
    const [first, second] = (await untilWorkers(server, 2)) as [number, number];
    process.kill(first, 'SIGKILL');
    await until(() => !runs(first));
    expect((await client.ask(NATIVE)).status).toBe(200);
    const changed = { secret: 'chosen-after-the-start' };
    expect((await admin(server).patch('/Client/root', changed)).status).toBe(200);
    await untilWorkers(server, 3);
    process.kill(second, 'SIGKILL');
    await untilWorkers(server, 4);
    expect(new Set(await everywhere(async () => (await client.ask(NATIVE)).status))).toEqual(new Set([200]));
    expect(errorsOf(server)).toHaveLength(2);
    // What the settings ensure at the start is not ensured again by a worker that comes later.
    const answers = await everywhere(() => get(`${server.url}/Client`, basic('root', changed.secret)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('leaves no worker running when its primary process is killed', async () => {
    const workers = (await untilWorkers(server, 4)).filter(runs);
    expect(workers).toHaveLength(2);
    await server.kill();
    await until(() => !workers.some(runs));
    await expect(get(`${server.url}/health/live`)).rejects.toThrow();
    await server.restart();
    expect((await client.ask(NATIVE)).status).toBe(200);
  });

  it('answers earlier requests after repeated Ctrl-C, which signals all its processes', async () => {
    const workers = await untilWorkers(server, 2);
    const statuses: number[] = [];
    const line = async () => {
      for (;;) {
        const answer = await client.ask(NATIVE).catch(() => undefined);
        if (!answer) return;
        statuses.push(answer.status);
      }
    };
    const lines = Array.from({ length: 8 }, line);
    await sleep(300);
    for (const pid of [server.pid, ...workers]) process.kill(pid, 'SIGINT');
    await sleep(5);
    for (const pid of [server.pid, ...workers].filter(runs)) process.kill(pid, 'SIGINT');
    expect(await server.ended()).toEqual({ code: 0, signal: null });
    await Promise.all(lines);
    expect(statuses.length).toBeGreaterThan(10);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(workers.some(runs)).toBe(false);
    expect(errorsOf(server)).toEqual([]);
  });
});

describe('A server with two workers and TLS', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-workers-'));
  const files = { LATCHKEY_TLS_CERT: join(folder, 'cert.pem'), LATCHKEY_TLS_KEY: join(folder, 'key.pem') };
  let server: TestServer;
  let first: string;

  async function present(): Promise<string> {
    const { cert, key } = await aCertificate();
    writeFileSync(files.LATCHKEY_TLS_CERT, cert);
    writeFileSync(files.LATCHKEY_TLS_KEY, key);
    return new X509Certificate(cert).fingerprint256;
  }

  beforeAll(async () => {
    first = await present();
    server = await startServer({ env: { ...TWO_WORKERS, ...files } });
    await untilWorkers(server, 2);
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const served = async () => [...new Set(await everywhere(() => fingerprintAt(server.port), 6))];

  it('serves a renewed certificate from both workers', async () => {
    expect(await served()).toEqual([first]);
    const renewed = await present();
    await until(async () => String(await served()) === renewed);
  });

  it('exits with 0 at SIGTERM', async () => {
    process.kill(server.pid, 'SIGTERM');
    expect(await server.ended()).toEqual({ code: 0, signal: null });
  });
});

function fingerprintAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
