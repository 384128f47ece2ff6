import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { basic, form, get } from '../support/http.js';
import { launch } from '../support/launch.js';
import { freePort } from '../support/port.js';
import { aClient, register } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const OWN_TYPES = [
  'Client',
  'Resource',
  'AccessPolicy',
  'TrustedIssuer',
  'Session',
  'SigningKey',
  'AuditEvent',
];
const NOTHING_GIVEN = { LATCHKEY_ADMIN_CLIENT_SECRET: undefined, LATCHKEY_MASTER_KEY: undefined };

/** The id and the secret that a first start shows. */
function shownBy(server: TestServer): { id: string; secret: string } | undefined {
  const match = /client id\s+(\S+)\s+client secret\s+(\S+)/.exec(server.stdout());
  return match ? { id: match[1] as string, secret: match[2] as string } : undefined;
}

const list = async (server: TestServer, id: string, secret: string) =>
  (await get(`${server.url}/Client`, basic(id, secret))).status;

/** What was shown on the terminal is no leak there: `basic` would remember it as one. */
const asShown = ({ id, secret }: { id: string; secret: string }) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

describe('The first start', { timeout: 60_000 }, () => {
  let server: TestServer;
  let shown: { id: string; secret: string };

  beforeAll(async () => {
    server = await startServer({ env: NOTHING_GIVEN });
    shown = shownBy(server) as { id: string; secret: string };
  });
  afterAll(async () => {
    await server?.stop();
  });

  it('prints the id and the secret of the first administrator once, on standard output', async () => {
    expect(shown).toEqual({ id: 'root', secret: expect.stringMatching(/^lks_[A-Za-z0-9_-]{49}$/) });
    expect(server.stdout().split(shown.secret)).toHaveLength(2);
    expect((await get(`${server.url}/Client`, asShown(shown))).status).toBe(200);
  });

  it('logs neither secret nor key', () => {
    const key = readFileSync(join(server.dataDir, 'master.key'), 'utf8').trim();
    expect(server.stderr()).not.toContain(shown.secret);
    expect(server.stderr()).not.toContain('lks_');
    expect(server.stderr() + server.stdout()).not.toContain(key);
    for (const line of server.stderr().trimEnd().split('\n'))
      expect(() => JSON.parse(line), line).not.toThrow();
  });

  it('creates a master key that no other user can read', () => {
    const mode = statSync(join(server.dataDir, 'master.key')).mode & 0o777;
    expect(mode).toBe(0o600);
  });

  it('stores the secret only as a hash (S01, ASVS 11.4.2)', () => {
    for (const name of readdirSync(server.dataDir)) {
      expect(readFileSync(join(server.dataDir, name)).includes(shown.secret), name).toBe(false);
    }
  });

  it('prints its address', () => {
    expect(server.stdout().split('\n')[0]).toBe(`Latchkey serves ${server.publicUrl}`);
  });

  it('grants the administrator tokens and policies on everything', async () => {
    const { body } = await get(`${server.url}/AccessPolicy`, asShown(shown));
    const policies = body.entry.map(
      ({ resource }: { resource: { engine: string; link: object[] } }) => resource,
    );
    expect(policies.map(({ engine }: { engine: string }) => engine).sort()).toEqual(['allow', 'rules']);
    for (const { link } of policies) expect(link).toEqual([{ resourceType: 'Client', id: 'root' }]);
    const answer = await form(
      server.url + NATIVE.token,
      { grant_type: 'client_credentials', scope: '* Client AccessPolicy:*:update SigningKey:*:rotate' },
      asShown(shown),
    );
    expect(answer.body.scope).toBe('* Client AccessPolicy:*:update SigningKey:*:rotate');
    expect(answer.body).not.toHaveProperty('rejected_scope');
  });

  it('prints nothing and keeps everything at the second start', async () => {
    const keys = (await get(`${server.url}/.well-known/jwks.json`)).text;
    const token = (
      await form(server.url + NATIVE.token, { grant_type: 'client_credentials' }, asShown(shown))
    ).body;
    await server.restart();
    // It is reported once the server is ready, which is a moment after it answers so.
    await vi.waitFor(() =>
      expect(server.stdout()).toBe(
        `Latchkey serves ${server.publicUrl}\n` +
          "Lost the administrator's secret? Start once with LATCHKEY_ADMIN_CLIENT_SECRET=<a new secret>.\n",
      ),
    );
    expect((await get(`${server.url}/Client`, asShown(shown))).status).toBe(200);
    expect((await get(`${server.url}/.well-known/jwks.json`)).text).toBe(keys);
    expect(
      (await get(`${server.url}/Client`, { authorization: `Bearer ${token.access_token}` })).status,
    ).toBe(200);
  });
});

describe('First start that fails', { timeout: 60_000 }, () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), 'latchkey-start-'));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  /** The next start shows a secret, and it holds. */
  async function isFollowedByOneThatShows() {
    const server = await startServer({ dataDir, env: NOTHING_GIVEN });
    try {
      const shown = shownBy(server) as { id: string; secret: string };
      expect((await get(`${server.url}/Client`, asShown(shown))).status).toBe(200);
    } finally {
      await server.stop();
    }
  }

  it.each(['1', '2'])(
    'creates no administrator when the port is in use, with %s workers',
    async (workers) => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const env = { PORT: String(port), LATCHKEY_DATA_DIR: dataDir, LATCHKEY_WORKERS: workers };
      const { exited, stdout } = launch(env);
      expect((await exited).code).toBe(1);
      expect(stdout()).toBe('');
      taken.close();
      await isFollowedByOneThatShows();
    },
  );

  it('creates no administrator when its secret cannot be printed', async () => {
    const { child, exited, stderr } = launch({ PORT: String(await freePort()), LATCHKEY_DATA_DIR: dataDir });
    child.stdout?.destroy();
    expect((await exited).code).toBe(1);
    expect(stderr()).toMatch(/^Latchkey cannot start: standard output is not writable$/m);
    await isFollowedByOneThatShows();
  });
});

describe('LATCHKEY_ADMIN_CLIENT_SECRET', { timeout: 90_000 }, () => {
  it('is never printed, and is applied at each start to restore access', async () => {
    const server = await startServer();
    try {
      const { adminSecret } = server;
      expect(shownBy(server)).toBeUndefined();
      expect(await list(server, 'root', adminSecret)).toBe(200);
      expect(server.stderr()).not.toContain('"level":"warn"');
      const weak = 'Tr0mbone-Kiosk';
      await server.restart({ LATCHKEY_ADMIN_CLIENT_SECRET: weak });
      expect(server.stderr()).toMatch(/"level":"warn",.*"setting":"LATCHKEY_ADMIN_CLIENT_SECRET"/);
      expect(await list(server, 'root', weak)).toBe(200);
      expect(await list(server, 'root', adminSecret)).toBe(401);
      expect(server.stderr()).not.toContain(weak);
      await server.restart({ LATCHKEY_ADMIN_CLIENT_SECRET: undefined });
      expect(await list(server, 'root', weak)).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('restores a disabled administrator without policies, or creates the configured one', async () => {
    const server = await startServer({ env: { LATCHKEY_ADMIN_CLIENT_ID: 'keeper' } });
    try {
      const { adminSecret } = server;
      const asKeeper = serverAs(server, 'keeper');
      const second = await aClient(asKeeper)
        .with({ grant_types: ['basic'] })
        .withGrant(...OWN_TYPES.map((type) => `${type}:*:*`))
        .register();
      const link = [{ resourceType: 'Client', id: second.id }];
      await register(asKeeper, 'AccessPolicy', 'second', { engine: 'allow', link });
      const asSecond = admin(server, second.basic);
      const deprived = { active: false, secret: null, grant_types: ['client_credentials'] };
      expect((await asSecond.patch('/Client/keeper', deprived)).status).toBe(200);
      expect((await asSecond.delete('/AccessPolicy/keeper-administration')).status).toBe(204);
      expect(await list(server, 'keeper', adminSecret)).toBe(401);
      await server.restart();
      expect(await list(server, 'keeper', adminSecret)).toBe(200);
      await server.restart({ LATCHKEY_ADMIN_CLIENT_ID: 'other-keeper' });
      expect(await list(server, 'other-keeper', adminSecret)).toBe(200);
    } finally {
      await server.stop();
    }
  });

  it('stops with one line where its id is the audience of a resource (fault A3)', async () => {
    const server = await startServer();
    try {
      await register(server, 'Resource', 'operations', { audience: 'ops' });
      await expect(server.restart({ LATCHKEY_ADMIN_CLIENT_ID: 'ops' })).rejects.toThrow();
      expect(server.stderr().trim().split('\n').at(-1)).toMatch(
        /^Latchkey cannot start: LATCHKEY_ADMIN_CLIENT_ID: ops is the audience of the resource operations;/,
      );
      await server.restart({ LATCHKEY_ADMIN_CLIENT_ID: 'root' });
      expect((await admin(server).get('/Client/ops')).status).toBe(404);
    } finally {
      await server.stop();
    }
  });
});

/** The same server under another administrator. */
const serverAs = (server: TestServer, adminId: string): TestServer =>
  Object.create(server, { adminId: { value: adminId } });

describe('Unknown settings', () => {
  it('are named in the log, without their values', async () => {
    const server = await startServer({ env: { LATCHKEY_ISUER: 'https://slip.example' } });
    try {
      expect(server.stderr()).toContain('"settings":["LATCHKEY_ISUER"]');
      expect(server.stderr()).not.toContain('slip.example');
    } finally {
      await server.stop();
    }
  });
});
