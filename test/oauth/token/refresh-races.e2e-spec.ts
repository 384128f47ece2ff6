import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { bearer, request } from '../../support/http.js';
import { aClient, TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;
let other: TestServer;
let client: TestClient;

beforeAll(async () => {
  server = await startServer();
  other = await startServer({ beside: server });
  client = await aClient(server).withTokens({ refresh_token: true }).register();
}, 120_000);
afterAll(async () => {
  await other?.stop();
  await server?.stop();
});

const refresh = (refresh_token: string, one = client) =>
  one.post(NATIVE, { grant_type: 'refresh_token', refresh_token });

const open = async (one = client) => (await one.ask(NATIVE)).body;

const works = async (accessToken: string) =>
  (await request(`${server.url}/Session`, { headers: bearer(accessToken) })).status === 200;

const counted = (values: unknown[]) =>
  Object.fromEntries(
    [...new Set(values)].map((value) => [String(value), values.filter((other) => other === value).length]),
  );

describe('A refresh token that is used many times at once', () => {
  it.each(['opaque', 'jwt', 'opaque', 'jwt'])(
    'gives exactly one 200 response and closes its family: %s (F07, RFC 9700 4.14, CVE-2026-1035)',
    async (token_format) => {
      const client = await aClient(server).withTokens({ refresh_token: true, token_format }).register();
      const first = await open(client);
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => refresh(first.refresh_token, client)),
      );
      expect(counted(answers.map(({ status }) => status))).toEqual({ 200: 1, 400: 49 });
      expect(counted(answers.flatMap(({ body }) => body.error ?? []))).toEqual({ invalid_grant: 49 });
      const winner = answers.find(({ status }) => status === 200)?.body;
      expect(await works(winner.access_token)).toBe(false);
      expect((await refresh(winner.refresh_token, client)).status).toBe(400);
      expect(await works(first.access_token)).toBe(false);
    },
  );

  it('gives every retry its own tokens within the grace, and keeps the family (F06, FAPI 2.0 5.3.2.1)', async () => {
    const patient = await aClient(server)
      .withTokens({ refresh_token: true, refresh_token_reuse_grace: 30 })
      .register();
    const first = await open(patient);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => refresh(first.refresh_token, patient)),
    );
    expect(counted(answers.map(({ status }) => status))).toEqual({ 200: 10 });
    expect(new Set(answers.map(({ body }) => body.access_token)).size).toBe(10);
    for (const { body } of answers) expect(await works(body.access_token)).toBe(true);
  });

  it('continues one of the retried tokens and closes the family with the next (fault A7)', async () => {
    for (let round = 0; round < 5; round++) {
      const patient = await aClient(server)
        .withTokens({ refresh_token: true, refresh_token_reuse_grace: 30 })
        .register();
      const first = await open(patient);
      const siblings = await Promise.all(
        Array.from({ length: 6 }, () => refresh(first.refresh_token, patient)),
      );
      const used = await Promise.all(
        siblings.map(({ body }, n) =>
          refresh(body.refresh_token, n % 2 ? patient : new TestClient(other, patient.id, patient.secret)),
        ),
      );
      expect(counted(used.map(({ status }) => status))).toEqual({ 200: 1, 400: 5 });
      const winner = used.find(({ status }) => status === 200)?.body;
      expect(await works(winner.access_token)).toBe(false);
      expect((await refresh(winner.refresh_token, patient)).body.error).toBe('invalid_grant');
    }
  });

  it('is distinguished from its successors in the same second (F09, RFC 9700 4.14, KC#50999)', async () => {
    const first = await open();
    let last = first;
    for (let n = 0; n < 5; n++) last = (await refresh(last.refresh_token)).body;
    expect((await refresh(first.refresh_token)).body.error).toBe('invalid_grant');
    expect((await refresh(last.refresh_token)).body.error).toBe('invalid_grant');
  });
});

describe('A refresh token, after a restart', () => {
  it.each(['a restart', 'a crash'])(
    'is still used up if it was before %s, and good if it was not (F08, RFC 9700 4.14, CVE-2026-9802)',
    async (how) => {
      const [first, untouched] = [await open(), await open()];
      const second = (await refresh(first.refresh_token)).body;
      if (how === 'a crash') await server.kill();
      await server.restart();
      expect((await refresh(untouched.refresh_token)).status).toBe(200);
      const reused = await refresh(first.refresh_token);
      expect(reused.status).toBe(400);
      expect(reused.body.error).toBe('invalid_grant');
      expect((await refresh(second.refresh_token)).body.error).toBe('invalid_grant');
    },
  );
});
