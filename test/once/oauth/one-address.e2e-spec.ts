import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../admin/audit.js';
import { anAddress, FROM_ANYWHERE, from } from '../../support/addresses.js';
import { admin } from '../../support/admin.js';
import { aSigningClient, Signer } from '../../support/assertions.js';
import { NATIVE } from '../../support/dialects.js';
import { basic, form, get } from '../../support/http.js';
import { rememberSecret } from '../../support/leaks.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const CREDENTIALS = { grant_type: 'client_credentials' };
const CHOSEN = { secret: 'chosen-by-a-person-in-2026' };

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ env: { ...FROM_ANYWHERE, LATCHKEY_FAILURES_PER_MINUTE: undefined } });
  await aResource(server, 'book', ['read'], { audience: 'urn:library' });
});
afterAll(() => server.stop());

const ask = async (id: string, secret: string, address: string, path = NATIVE.token) =>
  (await form(server.url + path, { ...CREDENTIALS, token: 'x' }, { ...basic(id, secret), ...from(address) }))
    .status;

const asAdministrator = async (id: string, secret: string, address: string) =>
  (await get(`${server.url}/Client`, { ...basic(id, secret), ...from(address) })).status;

/** Longer than any secret: wrong without a slow hash, so that hundreds of guesses fit into a minute. */
const longGuess = (n: number) => `${'x'.repeat(300)}${n}`;

/** Different wrong secrets, until the pair is blocked. */
async function blockPair(id: string, address: string): Promise<void> {
  for (let n = 0; n < 20; n++) expect(await ask(id, `guess number ${n}`, address)).toBe(401);
  expect(await ask(id, 'one guess more', address)).toBe(429);
}

const aMadeSecret = async () => (await aClient(server).register()).secret;

describe('A program that goes on with an old secret', { timeout: 120_000 }, () => {
  it.each(['chosen', 'made'])(
    'does not block the current secret for the same client and address: %s (fault C2)',
    async (kind) => {
      const client = await aClient(server)
        .with(kind === 'chosen' ? CHOSEN : {})
        .register();
      const old = kind === 'chosen' ? 'the-secret-of-last-year' : await aMadeSecret();
      const address = anAddress();
      const statuses: number[] = [];
      for (let n = 0; n < 60; n++) statuses.push(await ask(client.id, old, address));
      expect(statuses.slice(0, 20)).toEqual(Array(20).fill(401));
      // It is asked to wait, alone.
      expect(new Set(statuses.slice(21))).toEqual(new Set([429]));
      // Never verified before by this process.
      expect(await ask(client.id, client.secret, address)).toBe(200);
    },
  );

  it('does not block the administrator and counts as one guess (fault C2)', async () => {
    const id = 'another-root';
    const secret = 'the-right-one-of-this-year';
    await admin(server).put(`/Client/${id}`, { secret, grant_types: ['basic'] });
    const address = anAddress();
    for (let n = 0; n < 100; n++) await asAdministrator(id, 'the-wrong-one-of-last-year', address);
    // It may list no clients, which is asked once it is known.
    expect(await asAdministrator(id, secret, address)).toBe(403);
    for (let n = 0; n < 19; n++) expect(await ask(id, `guess number ${n}`, address)).toBe(401);
    expect(await ask(id, 'one guess more', address)).toBe(429);
  });

  it('does not block current keys and secrets after assertions with an old key (fault C2)', async () => {
    const client = await aSigningClient(server);
    const neighbour = await aClient(server).with(CHOSEN).register();
    const address = anAddress();
    const old = await Signer.make('ES256', { kid: client.signer.jwk.kid as string });
    const present = async (assertion: string) =>
      (
        await form(
          server.url + NATIVE.token,
          {
            ...CREDENTIALS,
            audience: 'urn:library',
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
            client_assertion: assertion,
          },
          from(address),
        )
      ).status;
    for (let n = 0; n < 320; n++) {
      const status = await present(await old.sign(client.claims(NATIVE, { jti: randomUUID() })));
      expect(status).toBe(n < 20 ? 401 : 429);
    }
    expect(await present(await client.assertion(NATIVE))).toBe(200);
    expect(await ask(neighbour.id, neighbour.secret, address)).toBe(200);
  });
});

describe('A pair or an address that is blocked', { timeout: 120_000 }, () => {
  it('accepts recently verified credentials at every endpoint (fault C2)', async () => {
    const client = await aClient(server)
      .with({ ...CHOSEN, grant_types: ['client_credentials', 'basic'] })
      .register();
    const address = anAddress();
    expect(await ask(client.id, client.secret, anAddress())).toBe(200);
    await blockPair(client.id, address);
    for (const path of [NATIVE.token, '/auth/introspect', '/auth/revoke'])
      expect(await ask(client.id, client.secret, address, path), path).toBe(200);
    expect(await asAdministrator(client.id, client.secret, address)).not.toBe(429);
  });

  it('accepts generated secrets, verified before or not (fault C2)', async () => {
    const client = await aClient(server)
      .with({ grant_types: ['client_credentials', 'basic'] })
      .register();
    const address = anAddress();
    await blockPair(client.id, address);
    expect(await ask(client.id, client.secret, address)).toBe(200);
    expect(await asAdministrator(client.id, client.secret, address)).not.toBe(429);
  });

  it('accepts signatures, generated secrets and chosen ones not guessed at after 300 junk requests (fault C2)', async () => {
    const address = anAddress();
    const signing = await aSigningClient(server);
    const made = await aClient(server).register();
    const chosen = await aClient(server).with(CHOSEN).register();
    for (let n = 0; n < 300; n++) await ask(`junk-${n}`, longGuess(n), address);
    expect(await ask('junk-300', longGuess(300), address)).toBe(429);
    expect(await ask(chosen.id, chosen.secret, address)).toBe(200);
    expect(await ask(made.id, made.secret, address)).toBe(200);
    const answer = await form(
      server.url + NATIVE.token,
      {
        ...CREDENTIALS,
        audience: 'urn:library',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await signing.assertion(NATIVE),
      },
      from(address),
    );
    expect(answer.status).toBe(200);
  });

  it('records one event for a limited address, for any number of ids (fault B8)', async () => {
    const address = anAddress();
    for (let n = 0; n < 300; n++) await ask(`flood-${n}`, longGuess(n), address);
    for (let n = 0; n < 50; n++) expect(await ask(`more-${n}`, longGuess(n), address)).toBe(429);
    await expect
      .poll(
        async () =>
          (await eventually(server, 'action=authentication.throttle')).map(({ agent }) => agent.address),
        {
          timeout: 10_000,
        },
      )
      .toContain(address);
    const blocks = (await eventually(server, 'action=authentication.throttle')).filter(
      ({ agent }) => agent.address === address,
    );
    expect(blocks).toHaveLength(1);
    expect(blocks[0].client).toBeUndefined();
  });

  it('leaves the guesses at a registered id audited when invented ids have used up their rows (fault B8)', async () => {
    const address = anAddress();
    const invented = await aMadeSecret();
    for (let n = 0; n < 600; n++) await ask(`invented-${n}`, invented, address);
    expect(await asAdministrator('root', 'a guess at the administrator', address)).toBe(401);
    expect(await eventually(server, 'action=authentication.fail&client=root')).toMatchObject([
      { agent: { address }, detail: { explanation: 'wrong secret', path: '/Client' } },
    ]);
  });
});

describe('The failure limit', { timeout: 120_000 }, () => {
  async function never429(request: () => Promise<number>, expected: number): Promise<void> {
    for (let n = 0; n < 25; n++) expect(await request()).toBe(expected);
  }

  it.each(['chosen', 'made'])(
    'does not count the correct secret by a wrong method: %s (fault C1)',
    async (kind) => {
      const client = await aClient(server)
        .with({ ...(kind === 'chosen' ? CHOSEN : {}), token_endpoint_auth_method: 'client_secret_post' })
        .register();
      const address = anAddress();
      await never429(() => ask(client.id, client.secret, address), 401);
      const right = await form(
        server.url + NATIVE.token,
        { ...CREDENTIALS, ...client.inBody },
        from(address),
      );
      expect(right.status).toBe(200);
    },
  );

  it('does not count the correct secret at an endpoint that rejects the client (fault C1)', async () => {
    const client = await aClient(server).with(CHOSEN).register();
    const address = anAddress();
    await never429(() => asAdministrator(client.id, client.secret, address), 401);
    expect(await ask(client.id, client.secret, address)).toBe(200);
  });

  it('does not count missing and malformed credentials (fault C1)', async () => {
    const client: TestClient = await aClient(server).with(CHOSEN).register();
    const address = anAddress();
    const malformed = { authorization: `Basic ${randomBytes(9).toString('base64')}` };
    rememberSecret(malformed.authorization);
    for (const headers of [{}, malformed]) {
      await never429(
        async () =>
          (await form(server.url + NATIVE.token, CREDENTIALS, { ...headers, ...from(address) })).status,
        401,
      );
    }
    expect(await ask(client.id, client.secret, address)).toBe(200);
  });

  it('records the reason in the audit and the log, not in the response (fault C10)', async () => {
    const disabled = await aClient(server).with({ active: false }).register();
    const byPost = await aClient(server)
      .with({ token_endpoint_auth_method: 'client_secret_post' })
      .register();
    const kept = await aClient(server).register();
    const address = anAddress();
    const explained: [id: string, secret: string, explanation: string][] = [
      [disabled.id, disabled.secret, 'the client is disabled'],
      [
        byPost.id,
        byPost.secret,
        'the client must authenticate with client_secret_post, not client_secret_basic',
      ],
      [kept.id, 'this is not its secret', 'wrong secret'],
      ['nobody-has-this-id', 'this is no secret', 'unknown client'],
    ];
    const bodies = new Set<string>();
    for (const [id, secret, explanation] of explained) {
      const { text } = await form(server.url + NATIVE.token, CREDENTIALS, {
        ...basic(id, secret),
        ...from(address),
      });
      bodies.add(text);
      const [event] = await eventually(server, `action=authentication.fail&client=${id}`);
      expect(event.detail).toMatchObject({ reason: 'invalid_client', explanation });
      const line = server
        .stderr()
        .split('\n')
        .find(
          (one) =>
            one.includes('"authentication.fail"') && one.includes(explanation) && one.includes(address),
        );
      expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 'info', reason: 'invalid_client', address });
    }
    expect(bodies.size).toBe(1);
    expect(server.stderr()).not.toContain('nobody-has-this-id');
    const served = await get(`${server.url}/Client`, { ...kept.basic, ...from(address) });
    expect(served.status).toBe(401);
    await expect
      .poll(async () =>
        (await eventually(server, `action=authentication.fail&client=${kept.id}`)).map(
          ({ detail }) => detail.explanation,
        ),
      )
      .toContain('wrong secret');
  });

  it('logs the introspection of a token that the caller may not see (fault C10)', async () => {
    const owner = await aClient(server).withGrant('book:1:read').register();
    const curious = await aClient(server).register();
    const token = await owner.token(NATIVE, { scope: 'book:1:read' });
    const answer = await form(`${server.url}/auth/introspect`, { token }, curious.basic);
    expect(answer.body).toEqual({ active: false });
    const [event] = await eventually(server, `action=introspection.deny&client=${curious.id}`);
    expect(event).toMatchObject({
      outcome: 'failure',
      agent: { client: { id: curious.id } },
      detail: { reason: 'not_allowed', path: '/auth/introspect', token_client: owner.id },
    });
    expect(JSON.stringify(event)).not.toContain(token);
    expect(server.stderr()).toContain('"event":"introspection.deny"');
    // One's own is no refusal.
    expect((await form(`${server.url}/auth/introspect`, { token }, owner.basic)).body.active).toBe(true);
    expect(await eventually(server, `action=introspection.deny&client=${owner.id}`, 0)).toEqual([]);
  });
});
