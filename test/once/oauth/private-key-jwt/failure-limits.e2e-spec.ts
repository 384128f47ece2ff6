import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../admin/audit.js';
import { anAddress, FROM_ANYWHERE, from } from '../../../support/addresses.js';
import {
  aSigningClient,
  INVALID_CLIENT,
  JWT_BEARER,
  type SigningClient,
} from '../../../support/assertions.js';
import { DIALECTS, type Dialect, NATIVE } from '../../../support/dialects.js';
import { type Answer, form } from '../../../support/http.js';
import { aResource } from '../../../support/registration.js';
import { startServer, type TestServer } from '../../../support/server.js';

const MOST = 6;
const LIMITED = {
  error: 'too_many_requests',
  error_description: 'too many failed attempts; try again later',
};

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ env: { ...FROM_ANYWHERE, LATCHKEY_FAILURES_PER_MINUTE: String(MOST) } });
  await aResource(server, 'book', ['read'], { audience: 'urn:library' });
});
afterAll(() => server.stop());

const present = (assertion: string, address: string, fields = {}, path = NATIVE.token): Promise<Answer> =>
  form(
    server.url + path,
    {
      grant_type: 'client_credentials',
      audience: 'urn:library',
      scope: 'book:1:read',
      client_assertion_type: JWT_BEARER,
      client_assertion: assertion,
      ...fields,
    },
    from(address),
  );

/** A refused assertion of each kind whose signature fits, or is not looked at. */
async function harmlessOf(client: SigningClient, dialect: Dialect): Promise<[string, string][]> {
  const used = await client.assertion(dialect);
  await present(used, anAddress(), {}, dialect.token);
  const now = Math.floor(Date.now() / 1000);
  return [
    [used, 'its jti was used before'],
    [await client.assertion(dialect, { exp: 1 }), 'its exp has passed'],
    [await client.assertion(dialect, { exp: now + 7200 }), 'its exp is too far in the future'],
    [await client.assertion(dialect, { iat: now + 600 }), 'its iat or nbf is in the future'],
    [await client.assertion(dialect, { aud: 'urn:elsewhere' }), 'its aud does not name this server'],
    [await client.assertion(dialect, { iss: 'somebody-else' }), 'its iss and sub are not the same client id'],
    [await client.assertion(dialect, { jti: undefined }), 'its jti is missing or too long'],
  ];
}

function expectLimited(answer: Answer): void {
  expect({ status: answer.status, body: answer.body }).toEqual({ status: 429, body: LIMITED });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
}

describe('Assertions that fail', () => {
  it.each(DIALECTS)(
    'counts wrong signatures, then answers 429, and accepts a valid one: $name (C15, C18, ASVS 6.3.1, RFC 6585 4, fault C2)',
    async (dialect) => {
      const [client, other] = [await aSigningClient(server), await aSigningClient(server)];
      const address = anAddress();
      const forge = () => other.signer.sign(client.claims(dialect));
      for (let n = 0; n < MOST; n++) {
        const { status, body } = await present(await forge(), address, {}, dialect.token);
        expect({ status, body }).toEqual({ status: 401, body: INVALID_CLIENT });
      }
      expectLimited(await present(await forge(), address, {}, dialect.token));
      const right = await client.assertion(dialect);
      expect((await present(right, address, { client_id: client.id }, dialect.token)).status).toBe(200);
      expect((await present(await other.assertion(dialect), address, {}, dialect.token)).status).toBe(200);
    },
  );

  it.each(DIALECTS)(
    'does not count failures other than of the signature: $name (fault C1)',
    async (dialect) => {
      const client = await aSigningClient(server);
      const address = anAddress();
      for (const [assertion] of await harmlessOf(client, dialect)) {
        for (let n = 0; n <= MOST; n++) {
          const { status, body } = await present(assertion, address, {}, dialect.token);
          expect({ status, body }).toEqual({ status: 401, body: INVALID_CLIENT });
        }
      }
      expect((await present(await client.assertion(dialect), address, {}, dialect.token)).status).toBe(200);
    },
  );

  it('does not count signed assertions of a disabled client (fault C1)', async () => {
    const client = await aSigningClient(server, { active: false });
    const address = anAddress();
    for (let n = 0; n <= MOST; n++)
      expect((await present(await client.assertion(NATIVE), address)).body).toEqual(INVALID_CLIENT);
    const [event] = await eventually(server, `action=authentication.fail&client=${client.id}`);
    expect(event.detail.explanation).toBe('assertion: the client is disabled');
  });

  it('counts failures of token, introspection and revocation endpoints together (C15, ASVS 6.3.1)', async () => {
    const [client, other] = [await aSigningClient(server), await aSigningClient(server)];
    const address = anAddress();
    const places = [NATIVE.token, '/auth/introspect', '/auth/revoke'];
    const forge = () => other.signer.sign(client.claims(NATIVE));
    for (const path of [...places, ...places])
      expect((await present(await forge(), address, { token: 'x' }, path)).status, path).toBe(401);
    for (const path of places) expectLimited(await present(await forge(), address, { token: 'x' }, path));
  });

  it('answers unregistered clients like registered ones (C15, ASVS 6.3.1)', async () => {
    const address = anAddress();
    const { signer } = await aSigningClient(server);
    const unknown = () => ({
      iss: 'signs-but-unknown',
      sub: 'signs-but-unknown',
      aud: server.publicUrl,
      jti: randomUUID(),
      exp: Math.floor(Date.now() / 1000) + 60,
    });
    for (let n = 0; n < MOST; n++)
      expect((await present(await signer.sign(unknown()), address)).body).toEqual(INVALID_CLIENT);
    expectLimited(await present(await signer.sign(unknown()), address));
  });

  it('records the reason in the audit and the log, not in the response (fault C10)', async () => {
    for (const [kind] of (await harmlessOf(await aSigningClient(server), NATIVE)).entries()) {
      const client = await aSigningClient(server);
      const [assertion, explanation] = (await harmlessOf(client, NATIVE))[kind] as [string, string];
      expect((await present(assertion, anAddress())).body).toEqual(INVALID_CLIENT);
      const [event] = await eventually(server, `action=authentication.fail&client=${client.id}`);
      expect(event.detail).toMatchObject({
        reason: 'invalid_client',
        explanation: `assertion: ${explanation}`,
      });
    }
    const client = await aSigningClient(server);
    const unknownKey = await client.assertion(NATIVE, {}, { kid: 'another-key' });
    await present(unknownKey, anAddress());
    const [event] = await eventually(server, `action=authentication.fail&client=${client.id}`);
    expect(event.detail.explanation).toBe('assertion: the client has no key with its kid and alg');
    expect(server.stderr()).toContain('"explanation":"assertion: the client has no key');
  });

  it('records each reason of one client and address at once, and repeated ones together (fault C10)', async () => {
    const client = await aSigningClient(server);
    const address = anAddress();
    const harmless = await harmlessOf(client, NATIVE);
    for (const [assertion] of [...harmless, ...harmless]) await present(assertion, address);
    const search = `action=authentication.fail&client=${client.id}`;
    const recorded = await eventually(server, search, harmless.length);
    const single = recorded.filter(({ detail }) => detail.count === undefined);
    expect(single.map(({ detail }) => detail.explanation).sort()).toEqual(
      harmless.map(([, explanation]) => `assertion: ${explanation}`).sort(),
    );
  });

  it('audits the failures and the block with the claimed client (G05, ASVS 16.3.3)', async () => {
    const [client, other] = [await aSigningClient(server), await aSigningClient(server)];
    const address = anAddress();
    for (let n = 0; n <= MOST; n++) await present(await other.signer.sign(client.claims(NATIVE)), address);
    for (const [action, reason] of [
      ['authentication.fail', 'invalid_client'],
      ['authentication.throttle', 'too_many_requests'],
    ]) {
      expect(await eventually(server, `action=${action}&client=${client.id}`)).toMatchObject([
        { outcome: 'failure', agent: { address }, detail: { reason, path: NATIVE.token } },
      ]);
    }
  });
});
