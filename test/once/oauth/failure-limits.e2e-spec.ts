import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../admin/audit.js';
import { anAddress, FROM_ANYWHERE, from } from '../../support/addresses.js';
import { DIALECTS, NATIVE } from '../../support/dialects.js';
import { type Answer, basic, form, get } from '../../support/http.js';
import { aClient, storedElsewhere, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const CREDENTIALS = { grant_type: 'client_credentials' };
/** Wherever a client proves who it is, and how its request looks. */
const SECRETS_TAKEN: [path: string, fields: Record<string, string>][] = [
  ...DIALECTS.map(({ token }): [string, Record<string, string>] => [token, CREDENTIALS]),
  ...['/auth/introspect', '/auth/revoke', '/oauth/introspect', '/oauth/revoke'].map(
    (path): [string, Record<string, string>] => [path, { token: 'x' }],
  ),
  ['/oidc/token/introspection', { token: 'x' }],
  ['/oidc/token/revocation', { token: 'x' }],
];

let server: TestServer;
let client: TestClient;
let other: TestClient;

beforeAll(async () => {
  // Without the variable: the default.
  server = await startServer({ env: { ...FROM_ANYWHERE, LATCHKEY_FAILURES_PER_MINUTE: undefined } });
  client = await aChosen('a chosen secret');
  other = await aClient(server).register();
});
afterAll(() => server.stop());

/** A client with a secret that the server has not verified. */
const aChosen = async (secret: string) =>
  storedElsewhere(server, await aClient(server).with({ secret }).register());

type Where = { address: string; path?: string; at?: TestServer };

const ask = (id: string, secret: string, { address, path = NATIVE.token, at = server }: Where) =>
  form(at.url + path, path.endsWith('token') ? CREDENTIALS : { token: 'x' }, {
    ...basic(id, secret),
    ...from(address),
  });

const wrong = (n: number) => `not the right one ${n}`;

async function fail(times: number, id: string, where: Where): Promise<number[]> {
  const statuses: number[] = [];
  for (let n = 0; n < times; n++) statuses.push((await ask(id, wrong(n), where)).status);
  return statuses;
}

const counted = (statuses: readonly number[]) => ({
  refused: statuses.filter((status) => status === 401).length,
  limited: statuses.filter((status) => status === 429).length,
});

const shown = ({ status, headers, text }: Answer) => ({
  status,
  text,
  headers: Object.fromEntries([...headers].filter(([name]) => name !== 'date' && name !== 'retry-after')),
});

const LIMITED = {
  error: 'too_many_requests',
  error_description: 'too many failed attempts; try again later',
};

describe('Failed client authentication', () => {
  it('accepts a recently verified credential while the pair is blocked, in every spelling of its header (C15, ASVS 6.3.1, RFC 9110 11.4, fault C2)', async () => {
    const known = await aClient(server).with({ secret: 'a chosen secret' }).register();
    const spelt = async (scheme: string, address: string) => {
      const authorization = scheme + basic(known.id, known.secret).authorization.slice('Basic '.length);
      const headers = { authorization, ...from(address) };
      return (await form(server.url + NATIVE.token, CREDENTIALS, headers)).status;
    };
    const [address, elsewhere] = [anAddress(), anAddress()];
    expect(await spelt('Basic ', elsewhere)).toBe(200);
    expect(await fail(21, known.id, { address })).toEqual([...Array(20).fill(401), 429]);
    for (const scheme of ['Basic ', 'basic ', 'Basic  '])
      expect(await spelt(scheme, address), scheme).toBe(200);
  });

  it('answers 20 failures per minute 401, then 429 with Retry-After, also for a correct chosen secret that was not verified recently (C15, ASVS 6.3.1, RFC 6585 4)', async () => {
    const address = anAddress();
    expect(await fail(20, client.id, { address })).toEqual(Array(20).fill(401));
    for (const secret of ['still not the right one', client.secret]) {
      const answer = await ask(client.id, secret, { address });
      expect(answer.status).toBe(429);
      expect(answer.body).toEqual(LIMITED);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('www-authenticate')).toBeNull();
    }
  });

  it('blocks neither the client at another address nor other clients at that address (C15, ASVS 6.3.1)', async () => {
    const address = anAddress();
    const fresh = await aChosen('a chosen secret');
    await fail(21, fresh.id, { address });
    expect((await ask(other.id, other.secret, { address })).status).toBe(200);
    expect((await ask(fresh.id, fresh.secret, { address })).status).toBe(429);
    expect((await ask(fresh.id, fresh.secret, { address: anAddress() })).status).toBe(200);
  });

  it('answers an unregistered id byte by byte like a registered one (C10, C15, RFC 6749 5.2, ASVS 6.3.1)', async () => {
    const address = anAddress();
    const known = await fail(22, client.id, { address });
    const unknown = await fail(22, 'nobody-at-all', { address });
    expect(unknown).toEqual(known);
    const answers = [client.id, 'nobody-at-all', 'x'.repeat(3000), 'no id!'];
    for (const id of answers.slice(2)) await fail(20, id, { address });
    const [first, ...rest] = await Promise.all(answers.map((id) => ask(id, wrong(99), { address })));
    for (const answer of rest) expect(shown(answer)).toEqual(shown(first as Answer));
  });

  it('counts failures of all endpoints together, including introspection (C15, I15, ASVS 6.3.1)', async () => {
    const address = anAddress();
    const attempts = [...SECRETS_TAKEN, ...SECRETS_TAKEN, ...SECRETS_TAKEN].slice(0, 20);
    const fresh = await aChosen('a-chosen-secret-of-it');
    for (const [n, [path]] of attempts.entries()) {
      expect((await ask(fresh.id, wrong(n), { address, path })).status, path).toBe(401);
    }
    for (const [path] of SECRETS_TAKEN) {
      const { status, body } = await ask(fresh.id, fresh.secret, { address, path });
      expect({ status, body }, path).toEqual({ status: 429, body: LIMITED });
    }
    const inBody = await form(server.url + NATIVE.token, { ...CREDENTIALS, ...fresh.inBody }, from(address));
    expect(inBody.status).toBe(429);
    const rest = await get(`${server.url}/Client`, { ...fresh.basic, ...from(address) });
    expect(rest.status).toBe(429);
  });

  it('answers 429 with a problem document in the administration API (C15, RFC 9457)', async () => {
    const address = anAddress();
    const call = (secret: string) =>
      get(`${server.url}/Client`, { ...basic(server.adminId, secret), ...from(address) });
    for (let n = 0; n < 20; n++) expect((await call(wrong(n))).status).toBe(401);
    const { status, headers, body } = await call(wrong(20));
    expect(status).toBe(429);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body).toEqual({
      type: 'about:blank',
      title: 'Too Many Requests',
      status: 429,
      detail: LIMITED.error_description,
      error: LIMITED.error,
    });
    // The administrator was verified lately.
    expect((await call(server.adminSecret)).status).toBe(200);
  });

  it('counts only failed authentication, not rejected scopes, grants or tokens (C15, I15, ASVS 6.3.1)', async () => {
    const address = anAddress();
    const headers = { ...client.basic, ...from(address) };
    for (let n = 0; n < 30; n++) {
      await form(server.url + NATIVE.token, { ...CREDENTIALS, scope: 'no:such:thing' }, headers);
      await form(server.url + NATIVE.token, { grant_type: 'password' }, headers);
      await form(server.url + NATIVE.token, CREDENTIALS, from(address));
      await form(`${server.url}/auth/introspect`, { token: `guess ${n}` }, headers);
    }
    expect((await ask(client.id, client.secret, { address })).status).toBe(200);
  });

  it('checks at most 20 of 100 concurrent guesses (C15, L01, ASVS 2.4.1, 6.3.1)', async () => {
    const address = anAddress();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => ask(client.id, wrong(n), { address })),
    );
    expect(counted(answers.map(({ status }) => status))).toEqual({ refused: 20, limited: 80 });
  });

  it('accepts every concurrent request with the correct secret (L01, ASVS 2.4.1)', async () => {
    const fresh = await aClient(server).with({ secret: 'another chosen secret' }).register();
    const address = anAddress();
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => ask(fresh.id, fresh.secret, { address })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe('An address from which 300 authentications have failed within a minute', {
  timeout: 120_000,
}, () => {
  it('accepts verified and unguessable credentials from a limited address and checks three guesses per id (L01, L09, ASVS 2.4.1, 15.2.2, fault C2)', async () => {
    const address = anAddress();
    const late = await aChosen('a chosen secret');
    const made = await aClient(server).register();
    expect((await ask(client.id, client.secret, { address })).status).toBe(200);
    const ids = Array.from({ length: 300 }, (_, n) => `stranger-${n}`);
    // Longer than any secret: wrong without a slow hash.
    const long = 'x'.repeat(300);
    for (const id of ids) expect((await ask(id, long, { address })).status, id).toBe(401);
    expect(counted(await fail(10, 'stranger-300', { address }))).toEqual({ refused: 3, limited: 7 });
    const refused = await ask('stranger-300', wrong(99), { address });
    expect({ status: refused.status, body: refused.body }).toEqual({ status: 429, body: LIMITED });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await ask(late.id, late.secret, { address })).status).toBe(200);
    expect((await ask(made.id, made.secret, { address })).status).toBe(200);
    expect((await ask(client.id, client.secret, { address })).status).toBe(200);
    expect((await ask(late.id, late.secret, { address: anAddress() })).status).toBe(200);
  });

  it('serves an id at which no one guessed, and rejects one after three guesses, from a limited address (L01, ASVS 2.4.1, fault C2)', async () => {
    const address = anAddress();
    const [target, neighbour] = await Promise.all(['a target', 'a neighbour'].map(aChosen));
    for (let n = 0; n < 300; n++) await ask(`stranger-${n}`, 'x'.repeat(300), { address });
    const guesses = await Promise.all(
      Array.from({ length: 40 }, (_, n) => ask(target!.id, wrong(n), { address })),
    );
    expect(counted(guesses.map(({ status }) => status))).toEqual({ refused: 3, limited: 37 });
    expect((await ask(target!.id, target!.secret, { address })).status).toBe(429);
    const many = await Promise.all(
      Array.from({ length: 40 }, () => ask(neighbour!.id, neighbour!.secret, { address })),
    );
    expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('serves a verified client without delay during a flood of wrong secrets (L09, ASVS 15.2.2)', async () => {
    const good = await aClient(server).with({ secret: 'known and verified' }).register();
    await ask(good.id, good.secret, { address: anAddress() });
    const address = anAddress();
    let flooding = true;
    const flood = Array.from({ length: 8 }, async (_, lane) => {
      for (let n = 0; flooding; n++) await ask(`flood-${lane}-${n % 50}`, wrong(n), { address });
    });
    const times: number[] = [];
    for (let n = 0; n < 100; n++) {
      const start = performance.now();
      expect((await ask(good.id, good.secret, { address: '192.0.2.1' })).status).toBe(200);
      times.push(performance.now() - start);
    }
    flooding = false;
    await Promise.all(flood);
    expect(times.sort((a, b) => a - b)[98]).toBeLessThan(1000);
  });
});

describe('The log', () => {
  it('logs each reached limit once, with client and address (G05, ASVS 16.3.3)', async () => {
    const address = anAddress();
    await fail(25, client.id, { address });
    await fail(25, 'somebody-unknown', { address });
    const events = server
      .stderr()
      .split('\n')
      .filter((line) => line.includes('"client_limited"') && line.includes(`"${address}"`))
      .map((line) => JSON.parse(line));
    expect(events).toEqual([
      expect.objectContaining({ level: 'warn', event: 'client_limited', client: client.id, address }),
      expect.objectContaining({ level: 'warn', event: 'client_limited', registered: false, address }),
    ]);
    expect(server.stderr()).not.toContain('somebody-unknown');
  });
});

describe('The audit', () => {
  it('records each blocked pair in the audit trail, in every dialect (G05, ASVS 16.3.3)', async () => {
    const address = anAddress();
    const known = await aClient(server).register();
    await fail(22, known.id, { address });
    await fail(22, 'nobody-of-this-name', { address });
    for (const id of [known.id, 'nobody-of-this-name']) {
      const blocked = await eventually(server, `action=authentication.throttle&client=${id}`);
      expect(blocked).toMatchObject([
        {
          outcome: 'failure',
          client: { id },
          agent: { address },
          detail: { reason: 'too_many_requests', path: '/auth/token' },
        },
      ]);
    }
    const elsewhere = anAddress();
    for (let n = 0; n < 21; n++)
      await get(`${server.url}/Client`, { ...basic('knocking-here', wrong(n)), ...from(elsewhere) });
    expect(await eventually(server, 'action=authentication.throttle&client=knocking-here')).toMatchObject([
      { agent: { address: elsewhere }, detail: { method: 'GET', path: '/Client' } },
    ]);
  });
});
