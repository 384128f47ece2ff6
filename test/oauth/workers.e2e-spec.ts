import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectWhole } from '../admin/audit.js';
import { anAddress, FROM_ANYWHERE, from } from '../support/addresses.js';
import { admin } from '../support/admin.js';
import { aSigningClient } from '../support/assertions.js';
import { NATIVE } from '../support/dialects.js';
import { basic, bearer, form, get } from '../support/http.js';
import { READ_BOOK_1, useLibrary } from '../support/library.js';
import { aClient, regrant, type TestClient } from '../support/registration.js';
import { engine } from '../support/server.js';
import { everywhere, untilWorkers } from '../support/workers.js';

const FAILURES = 20;

const library = useLibrary({
  env: { ...FROM_ANYWHERE, LATCHKEY_WORKERS: '2', LATCHKEY_FAILURES_PER_MINUTE: String(FAILURES) },
});
let brief: TestClient;

beforeAll(async () => {
  await untilWorkers(library.server, 2);
  brief = await aClient(library.server).withTokens({ access_token_expiration: 1 }).register();
  await everywhere(() => brief.ask(NATIVE), 200);
});

const counted = (values: unknown[]) =>
  Object.fromEntries(
    [...new Set(values)].map((value) => [String(value), values.filter((other) => other === value).length]),
  );

const statuses = async (answers: Promise<{ status: number }[]>) =>
  counted((await answers).map(({ status }) => status));

const verified = (token: string) =>
  statuses(everywhere(() => get(`${library.server.url}/auth/verify?scope=book:1:read`, bearer(token))));

const read = (client: TestClient) => client.token(NATIVE, READ_BOOK_1);

describe('Workers of one server', { timeout: 60_000 }, () => {
  it('find a new client at once and apply every change within a second', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    const asked = () => statuses(everywhere(() => client.ask(NATIVE, READ_BOOK_1)));
    expect(await asked()).toEqual({ 200: 12 });
    await regrant(library.server, client, 'book:2:read');
    await sleep(1000);
    expect(await asked()).toEqual({ 400: 12 });
    await admin(library.server).patch(`/Client/${client.id}`, { active: false });
    await sleep(1000);
    expect(await asked()).toEqual({ 401: 12 });
  });

  it('all reject a token at once that was revoked in one of them (R08, RFC 7009 2)', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    for (const end of ['revoke', 'close', 'disable'] as const) {
      const token = await read(client);
      expect(await verified(token)).toEqual({ 200: 12 });
      if (end === 'revoke') await form(`${library.server.url}/auth/revoke`, { token }, client.basic);
      if (end === 'close') await admin(library.server).delete(`/Session?client=${client.id}`);
      if (end === 'disable') await admin(library.server).patch(`/Client/${client.id}`, { active: false });
      expect(await verified(token), end).toEqual({ 401: 12 });
    }
  });

  it('give one 200 response to a refresh token that is used 50 times at once (F07, RFC 9700 4.14, CVE-2026-1035)', async () => {
    const client = await aClient(library.server).withTokens({ refresh_token: true }).register();
    const { refresh_token } = (await client.ask(NATIVE)).body;
    const refresh = () => client.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
    expect(await statuses(everywhere(refresh, 50))).toEqual({ 200: 1, 400: 49 });
  });

  it('accept an assertion once (C22, RFC 7523 3)', async () => {
    const client = await aSigningClient(library.server);
    const assertion = await client.assertion(NATIVE);
    const taken = everywhere(() => client.present(NATIVE, assertion), FAILURES);
    expect(await statuses(taken)).toEqual({ 200: 1, 401: FAILURES - 1 });
  });

  it('issue no more tokens than a quota allows', async () => {
    const client = await aClient(library.server)
      .with({ token_quota: { per_day: 7, enforce: true } })
      .register();
    expect(await statuses(everywhere(() => client.ask(NATIVE), 30))).toEqual({ 200: 7, 429: 23 });
  });

  it.runIf(engine !== 'sqlite')(
    'count failures together on a database server (C15, RFC 6749 2.3.1)',
    async () => {
      const client = await aClient(library.server).register();
      const headers = from(anAddress());
      const ask = (n: number) =>
        form(
          library.server.url + NATIVE.token,
          { grant_type: 'client_credentials' },
          { ...basic(client.id, `wrong at a worker ${n}`), ...headers },
        );
      expect(await statuses(everywhere(ask, 50))).toEqual({ 401: FAILURES, 429: 50 - FAILURES });
    },
  );

  it('generate one key for an algorithm that all need at once', async () => {
    const client = await aClient(library.server)
      .withTokens({ token_format: 'jwt', signing_alg: 'PS256' })
      .register();
    expect(await statuses(everywhere(() => client.ask(NATIVE)))).toEqual({ 200: 12 });
    const { body } = await get(`${library.server.url}/.well-known/jwks.json`);
    expect(body.keys.filter(({ alg }: { alg: string }) => alg === 'PS256')).toHaveLength(1);
  });

  it('answer nothing but 200 and 201 while all of them write, to the audit chain too', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    const until = Date.now() + 2000;
    const line = async (send: (n: number) => Promise<{ status: number }>) => {
      const seen: number[] = [];
      while (Date.now() < until) seen.push((await send(seen.length)).status);
      return seen;
    };
    const lines = await Promise.all([
      ...Array.from({ length: 24 }, () => line(() => client.ask(NATIVE, READ_BOOK_1))),
      ...[1, 2].map((worker) =>
        line((n) => admin(library.server).put(`/Client/written-${worker}`, { name: `${n}` })),
      ),
    ]);
    expect(lines.every((seen) => seen.length > 0)).toBe(true);
    expect(Object.keys(counted(lines.flat()))).toEqual(['200', '201']);
    await expectWhole(library.server);
  });

  it('remove ended sessions concurrently', async () => {
    const left = async () => (await admin(library.server).get(`/Session?client=${brief.id}`)).body.total;
    await expect.poll(left, { timeout: 20_000 }).toBe(0);
  });

  it('log no warnings', () => {
    expect(library.server.stderr()).not.toMatch(
      /"level":"(error|fatal)"|(maintenance|cleanup|retention|update|audit|write) failed|could not be/,
    );
  });
});
