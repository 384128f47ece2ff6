import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { aCertificate } from '../../support/certificate.js';
import { DAY_MS, TestClock } from '../../support/clock.js';
import { lockDatabase } from '../../support/database-lock.js';
import { debianProgram } from '../../support/debian-program.js';
import { NATIVE } from '../../support/dialects.js';
import { basic, form } from '../../support/http.js';
import { type MeteredServer, startMetered } from '../../support/metrics.js';
import { type Prometheus, startPrometheus } from '../../support/prometheus.js';
import { aClient, type TestClient } from '../../support/registration.js';
import { runSql } from '../../support/sql.js';
import { untilWorkers } from '../../support/workers.js';

const program = await debianProgram('prometheus');

/** Repeats a fault until the alert that it causes fires. */
async function untilFiring(alert: string, fault: () => unknown): Promise<string> {
  const fired = prometheus.fires(alert);
  let firing = false;
  void fired.then(
    () => {
      firing = true;
    },
    () => {
      firing = true;
    },
  );
  while (!firing) {
    await fault();
    await sleep(50);
  }
  return (await fired).annotations.summary ?? '';
}

let old: MeteredServer;
let busy: MeteredServer;
let workers: MeteredServer;
let client: TestClient;
let prometheus: Prometheus;
let folder: string;
let clock: TestClock;

/** Was last started 140 days ago, with a session that its audit could not record. */
async function startOld(): Promise<void> {
  const past = new TestClock(-140 * DAY_MS);
  old = await startMetered({ env: past.env });
  await runSql(
    old.server,
    "CREATE TRIGGER stuck BEFORE UPDATE ON audit_scan BEGIN SELECT RAISE(ABORT, 'stuck'); END",
  );
  await (await aClient(old.server).register()).token(NATIVE);
  const { cert, key } = await aCertificate('localhost', { from: -141, to: 10 });
  const files = { LATCHKEY_TLS_CERT: join(folder, 'cert.pem'), LATCHKEY_TLS_KEY: join(folder, 'key.pem') };
  writeFileSync(files.LATCHKEY_TLS_CERT, cert);
  writeFileSync(files.LATCHKEY_TLS_KEY, key);
  await old.server.restart({
    ...files,
    NODE_OPTIONS: undefined,
    LATCHKEY_PUBLIC_URL: `https://localhost:${old.server.port}`,
  });
  past.remove();
}

describe.skipIf(!program)('Each alert fires when its fault happens', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-alerts-'));
    clock = new TestClock();
    await startOld();
    busy = await startMetered({ env: clock.env });
    workers = await startMetered({ env: { LATCHKEY_WORKERS: '2' } });
    await untilWorkers(workers.server, 2);
    client = await aClient(busy.server).with({ secret: 'Jw3-chosen-by-Qx7' }).register();
    const targets = [{ ...old, url: old.url.replace('http:', 'https:') }, busy, workers];
    prometheus = await startPrometheus(String(program), targets);
  }, 180_000);
  afterAll(async () => {
    await prometheus?.stop();
    for (const one of [old, busy, workers]) await one?.server.stop();
    clock?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([
    ['LatchkeySigningKeyNotRotated', /^the RS256 key is 140d /],
    ['LatchkeySessionsNotRemoved', /stores sessions that ended long ago/],
    ['LatchkeyAuditBehind', /is 140d .* behind$/],
    ['LatchkeyCertificateExpiring', /expires in 9d /],
  ])('%s, after 140 days without removal, rotation and audit', async (alert, summary) => {
    expect((await prometheus.fires(alert)).annotations.summary).toMatch(summary);
  });

  it('LatchkeyClientSecretsExpiring, after a rotation of a secret that is in use', async () => {
    await client.token(NATIVE);
    const rotated = await admin(busy.server).post(`/Client/${client.id}/$rotate-secret`, { overlap: 3600 });
    expect(rotated.status).toBe(200);
    expect(await untilFiring('LatchkeyClientSecretsExpiring', () => client.token(NATIVE))).toBe(
      '1 client secrets that are in use expire within a day',
    );
  });

  it('LatchkeyAuthenticationFailures, while secrets are guessed', async () => {
    const guess = () =>
      form(
        `${busy.server.url}/auth/token`,
        { grant_type: 'client_credentials' },
        basic(client.id, `${Math.random()}`),
      );
    await untilFiring('LatchkeyAuthenticationFailures', () => Promise.all([guess(), guess(), guess()]));
  });

  it('LatchkeyQueueLong, while more secrets wait than are hashed', async () => {
    const guess = () =>
      form(
        `${busy.server.url}/auth/token`,
        { grant_type: 'client_credentials' },
        basic(client.id, `${Math.random()}`),
      );
    const summary = await untilFiring('LatchkeyQueueLong', () =>
      Promise.all(Array.from({ length: 450 }, guess)),
    );
    expect(summary).toMatch(/wait in the queue secret_hashes/);
  });

  it('LatchkeyEventLoopBlocked, while the process is stopped for a second at a time', async () => {
    await untilFiring('LatchkeyEventLoopBlocked', async () => {
      process.kill(busy.server.pid, 'SIGSTOP');
      await sleep(1000);
      process.kill(busy.server.pid, 'SIGCONT');
      await sleep(500);
    });
  });

  it('LatchkeyTokensSlow and LatchkeyWritesSlow, while another process locks the database for a second', async () => {
    const fault = async () => {
      const unlock = lockDatabase(busy.server);
      const slow = client.ask(NATIVE);
      await sleep(1000);
      unlock();
      await slow;
    };
    await untilFiring('LatchkeyTokensSlow', fault);
    await untilFiring('LatchkeyWritesSlow', fault);
  });

  it('LatchkeyClockSkew, after the clock has jumped', async () => {
    await clock.set(20_000);
    await prometheus.fires('LatchkeyClockSkew');
    await clock.set(0);
  });

  it('LatchkeyDatabaseUnavailable and LatchkeyRequestsUnavailable, while the database is locked', async () => {
    const unlock = lockDatabase(busy.server);
    await untilFiring('LatchkeyRequestsUnavailable', () => client.ask(NATIVE));
    await prometheus.fires('LatchkeyDatabaseUnavailable');
    unlock();
  });

  // Last of this server: no token is issued any more.
  it('LatchkeyInternalErrors, after a stored resource was damaged', async () => {
    await admin(busy.server).put('/Resource/damaged', { operations: [{ name: 'read' }] });
    await runSql(busy.server, "UPDATE resource SET token = '{' WHERE id = 'damaged'");
    const summary = await untilFiring('LatchkeyInternalErrors', () =>
      admin(busy.server).get('/Resource/damaged'),
    );
    expect(summary).toMatch(/failed with 500 at the administration endpoint$/);
  });

  it('LatchkeyWorkerMissing, while a worker hangs, and LatchkeyDown, after the server was killed', async () => {
    const [first] = await untilWorkers(workers.server, 2);
    process.kill(Number(first), 'SIGSTOP');
    expect((await prometheus.fires('LatchkeyWorkerMissing')).annotations.summary).toMatch(/only 1 serving/);
    process.kill(Number(first), 'SIGCONT');
    await workers.server.kill();
    await prometheus.fires('LatchkeyDown');
  });
});
