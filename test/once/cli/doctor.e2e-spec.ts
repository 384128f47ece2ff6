import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCertificate } from '../../support/certificate.js';
import { DAY_MS, TestClock } from '../../support/clock.js';
import { asAdministrator, command } from '../../support/command-line.js';
import { lockDatabase } from '../../support/database-lock.js';
import { request } from '../../support/http.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;
let clock: TestClock;

beforeAll(async () => {
  clock = new TestClock();
  server = await startServer({ env: clock.env });
});

afterAll(async () => {
  await server?.stop();
  clock?.remove();
});

const doctor = (env: Record<string, string> = {}) =>
  command({ ...asAdministrator(server), LATCHKEY_URL: server.publicUrl, ...env }, ['doctor']);

describe('latchkey doctor', () => {
  it('ends with 0 where nothing is wrong', async () => {
    const { code, out, err } = await doctor({ LATCHKEY_DATA_DIR: server.dataDir });
    expect([code, err], out).toEqual([0, '']);
    const lines = out.trim().split('\n');
    expect(lines.map((line) => line.split(':')[0])).toEqual(
      ['readiness', 'clock', 'database clock', 'issuer', 'signing keys', 'processes', 'disk'].map(
        (check) => `ok   ${check}`,
      ),
    );
  });

  it('finds an address that is not the public one', async () => {
    const { code, out } = await doctor({ LATCHKEY_URL: server.url });
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL issuer: the metadata names http:\/\/localhost:.*: set LATCHKEY_PUBLIC_URL/m);
  });

  it('finds a server that does not answer, once', async () => {
    const { code, out } = await doctor({ LATCHKEY_URL: 'http://127.0.0.1:9' });
    expect(code).toBe(1);
    expect(out.match(/cannot be reached/g)).toHaveLength(1);
  });

  it('finds a data folder that is not there', async () => {
    const { code, out } = await doctor({ LATCHKEY_DATA_DIR: '/nowhere' });
    expect(code).toBe(1);
    expect(out).toContain('FAIL disk: /nowhere cannot be examined (ENOENT): check LATCHKEY_DATA_DIR');
  });

  it('finds a locked database, with the remedy', async () => {
    const unlock = lockDatabase(server);
    try {
      await expect
        .poll(async () => (await doctor()).out, { timeout: 30_000 })
        .toMatch(
          /^FAIL readiness: the database .*: look for long transactions and for the load of the database$/m,
        );
    } finally {
      unlock();
    }
    await expect
      .poll(async () => (await request(`${server.url}/health/ready`)).status, { timeout: 30_000 })
      .toBe(200);
  });

  it('finds a clock that is wrong', async () => {
    await clock.set(3_600_000);
    const { code, out } = await doctor();
    await clock.set(0);
    expect(code).toBe(1);
    expect(out).toContain('FAIL database clock: the server is 3600 s ahead: run NTP on both machines');
  });

  it('finds a key that was not rotated', async () => {
    const past = new TestClock(-140 * DAY_MS);
    const neglected = await startServer({ env: past.env });
    try {
      await neglected.restart({ NODE_OPTIONS: undefined });
      const at = { ...asAdministrator(neglected), LATCHKEY_URL: neglected.publicUrl };
      expect((await command(at, ['doctor'])).out).toMatch(
        /^FAIL signing keys: the RS256 key is 140 days old/m,
      );
    } finally {
      await neglected.stop();
      past.remove();
    }
  });
});

describe('latchkey doctor of a server with a certificate', () => {
  it.each([
    ['has expired', { from: -9, to: -2 }, /^FAIL certificate: expired at 20/m, 1],
    ['expires soon', { to: 3 }, /^FAIL certificate: expires in 2 days, at 20.*: renew it$/m, 1],
    ['lasts', { to: 90 }, /^ok {3}certificate: valid until 20/m, 0],
  ] as const)('says that it %s', async (_, days, line, ended) => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-doctor-'));
    const files = { LATCHKEY_TLS_CERT: join(folder, 'cert.pem'), LATCHKEY_TLS_KEY: join(folder, 'key.pem') };
    const { cert, key } = await aCertificate('localhost', days);
    writeFileSync(files.LATCHKEY_TLS_CERT, cert);
    writeFileSync(files.LATCHKEY_TLS_KEY, key);
    const secure = await startServer({ env: files });
    try {
      const at = { ...asAdministrator(secure), LATCHKEY_URL: secure.publicUrl };
      const { code, out } = await command({ ...at, NODE_EXTRA_CA_CERTS: files.LATCHKEY_TLS_CERT }, [
        'doctor',
      ]);
      expect(out).toMatch(line);
      expect(code, out).toBe(ended);
      expect((await command(at, ['doctor'])).out).toMatch(/^FAIL certificate: /m);
    } finally {
      await secure.stop();
    }
  });
});
