import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { NATIVE } from '../support/dialects.js';
import { bearer, get, request } from '../support/http.js';
import { aClient, type TestClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';

const works = async (server: TestServer, token: string) =>
  (await get(`${server.url}/Session?_count=1&_elements=id`, bearer(token))).status;

/** Asks for tokens on many lines at once until the server is gone; answers all that came with 200. */
async function issueUntilGone(client: TestClient, enough: number, whenEnough: () => void): Promise<string[]> {
  const tokens: string[] = [];
  let reported = false;
  const line = async () => {
    for (;;) {
      const answer = await client.ask(NATIVE).catch(() => undefined);
      if (answer?.status !== 200) return;
      tokens.push(answer.body.access_token);
      if (tokens.length >= enough && !reported) {
        reported = true;
        whenEnough();
      }
    }
  };
  await Promise.all(Array.from({ length: 25 }, line));
  return tokens;
}

describe('A token that was answered with 200', { timeout: 120_000 }, () => {
  it('keeps the session of every token that was returned before the process was killed', async () => {
    const server = await startServer();
    try {
      const client = await aClient(server).register();
      const killed: Promise<void>[] = [];
      const tokens = await issueUntilGone(client, 200, () => killed.push(server.kill()));
      await Promise.all(killed);
      expect(tokens.length).toBeGreaterThanOrEqual(200);
      await server.restart();
      const statuses = new Map<number, number>();
      for (const token of tokens) {
        const status = await works(server, token);
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      }
      expect(Object.fromEntries(statuses)).toEqual({ 200: tokens.length });
    } finally {
      await server.stop();
    }
  });

  it('keeps a session closed after a crash once the close was answered', async () => {
    const server = await startServer();
    try {
      const client = await aClient(server).register();
      const [closed, open] = [await client.token(NATIVE), await client.token(NATIVE)];
      const answer = await request(`${server.url}/Session`, { method: 'DELETE', headers: bearer(closed) });
      expect(answer.status).toBe(204);
      await server.kill();
      await server.restart();
      expect([await works(server, closed), await works(server, open)]).toEqual([401, 200]);
    } finally {
      await server.stop();
    }
  });
});

describe('Two processes on one database', { timeout: 120_000 }, () => {
  it('share clients, tokens, keys and closed sessions between two processes', async () => {
    const first = await startServer();
    const second = await startServer({ beside: first });
    try {
      const client = await aClient(first).withTokens({ refresh_token: true }).register();
      const atSecond = (fields: object) =>
        request(second.url + NATIVE.token, {
          method: 'POST',
          body: new URLSearchParams({ grant_type: 'client_credentials', ...fields }),
          headers: client.basic,
        });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      const [one, other] = [(await client.ask(NATIVE)).body, (await atSecond({})).body];
      for (const { access_token } of [one, other]) {
        expect(await works(first, access_token)).toBe(200);
        expect(await works(second, access_token)).toBe(200);
      }
      const refresh = { grant_type: 'refresh_token', refresh_token: one.refresh_token };
      const answers = await Promise.all([client.post(NATIVE, refresh), atSecond(refresh)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
      await request(`${first.url}/Session`, { method: 'DELETE', headers: bearer(other.access_token) });
      expect(await works(second, other.access_token)).toBe(401);
      const keys = await Promise.all(
        [first, second].map((server) => get(`${server.url}/.well-known/jwks.json`)),
      );
      expect(keys[0]?.text).toBe(keys[1]?.text);
    } finally {
      await second.stop();
      await first.stop();
    }
  });

  it('apply a policy change in the other process within one second', async () => {
    const first = await startServer();
    const second = await startServer({ beside: first });
    try {
      const client = await aClient(first).withEverything().register();
      const asked = (server: TestServer) =>
        request(server.url + NATIVE.token, {
          method: 'POST',
          body: new URLSearchParams({ grant_type: 'client_credentials', scope: '*' }),
          headers: client.basic,
        });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect((await asked(second)).status).toBe(200);
      await admin(first).delete(`/AccessPolicy/${client.id}`);
      expect((await asked(first)).status).toBe(400);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      expect((await asked(second)).status).toBe(400);
    } finally {
      await second.stop();
      await first.stop();
    }
  });
});

describe('Several processes that start at the same time on one empty database', { timeout: 180_000 }, () => {
  it('start together on an empty database with one key and one administrator', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-together-'));
    const databaseUrl = engine !== 'sqlite' ? await createDatabase() : undefined;
    const env = {
      LATCHKEY_ADMIN_CLIENT_SECRET: undefined,
      LATCHKEY_MASTER_KEY: engine !== 'sqlite' ? randomBytes(32).toString('base64') : undefined,
      LATCHKEY_PUBLIC_URL: 'https://latchkey.example',
    };
    const place = databaseUrl ? { databaseUrl } : {};
    const started = await Promise.allSettled(
      Array.from({ length: 3 }, () => startServer({ dataDir, ...place, env })),
    );
    const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    try {
      expect(started.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))).toEqual([]);
      const keys = await Promise.all(
        servers.map(async ({ url }) => (await get(`${url}/.well-known/jwks.json`)).text),
      );
      expect(new Set(keys).size).toBe(1);
      expect(JSON.parse(keys[0] as string).keys).toHaveLength(1);
      const shown = servers.flatMap((server) => [...server.stdout().matchAll(/client secret\s+(\S+)/g)]);
      expect(shown).toHaveLength(1);
      // Not by `basic`, which would remember as a leak what was shown on the terminal.
      const credentials = Buffer.from(`root:${shown[0]?.[1]}`).toString('base64');
      for (const { url } of servers) {
        const clients = await get(`${url}/Client`, { authorization: `Basic ${credentials}` });
        expect(clients.status).toBe(200);
        expect(clients.body.entry.map(({ resource }: { resource: { id: string } }) => resource.id)).toEqual([
          'root',
        ]);
      }
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
      if (databaseUrl) await dropDatabase(databaseUrl);
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
