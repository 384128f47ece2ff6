import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../admin/audit.js';
import { anAddress, FROM_ANYWHERE, from } from '../../support/addresses.js';
import { aSigningClient, INVALID_CLIENT, JWT_BEARER, type SigningClient } from '../../support/assertions.js';
import { DOORS, type Door, NATIVE } from '../../support/doors.js';
import { type Answer, form } from '../../support/http.js';
import { aResource } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

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

/** One failed assertion of each kind, each for this client. */
async function failuresOf(client: SigningClient, other: SigningClient, door: Door): Promise<string[]> {
  const used = await client.assertion(door);
  await present(used, anAddress(), {}, door.token);
  return [
    used,
    await other.signer.sign(client.claims(door)),
    await client.assertion(door, { exp: 1 }),
    await client.assertion(door, { aud: 'urn:elsewhere' }),
    await client.assertion(door, { iss: 'somebody-else' }),
    await client.assertion(door, { jti: undefined }),
  ];
}

function expectLimited(answer: Answer): void {
  expect({ status: answer.status, body: answer.body }).toEqual({ status: 429, body: LIMITED });
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(answer.headers.get('retry-after'))).toBeLessThanOrEqual(60);
}

describe('Assertions that fail', () => {
  it.each(DOORS)(
    'C15 C18 are counted whatever is wrong, then answered 429 for that client from there: $name (ASVS 6.3.1; RFC 6585 4)',
    async (door) => {
      const [client, other] = [await aSigningClient(server), await aSigningClient(server)];
      const address = anAddress();
      const failures = await failuresOf(client, other, door);
      expect(failures).toHaveLength(MOST);
      for (const assertion of failures) {
        const { status, body } = await present(assertion, address, {}, door.token);
        expect({ status, body }).toEqual({ status: 401, body: INVALID_CLIENT });
      }
      const right = await client.assertion(door);
      expectLimited(await present(right, address, {}, door.token));
      expectLimited(await present(right, address, { client_id: client.id }, door.token));
      // It was not looked at: elsewhere it is still unused.
      expect((await present(right, anAddress(), {}, door.token)).status).toBe(200);
      expect((await present(await other.assertion(door), address, {}, door.token)).status).toBe(200);
    },
  );

  it('C15 are counted together at token, introspection and revocation endpoints (ASVS 6.3.1)', async () => {
    const client = await aSigningClient(server);
    const address = anAddress();
    const places = [NATIVE.token, '/auth/introspect', '/auth/revoke'];
    for (const path of [...places, ...places]) {
      const wrong = await client.assertion(NATIVE, { exp: 1 });
      expect((await present(wrong, address, { token: 'x' }, path)).status, path).toBe(401);
    }
    for (const path of places)
      expectLimited(await present(await client.assertion(NATIVE), address, { token: 'x' }, path));
  });

  it('C15 of nobody we know are answered the same (ASVS 6.3.1)', async () => {
    const address = anAddress();
    const { signer } = await aSigningClient(server);
    const nobody = { iss: 'nobody-signs-so', sub: 'nobody-signs-so', aud: server.publicUrl };
    for (let n = 0; n < MOST; n++)
      expect((await present(await signer.sign(nobody), address)).body).toEqual(INVALID_CLIENT);
    expectLimited(await present(await signer.sign(nobody), address));
  });

  it('G05 are audited with the client that they name: the failures, then the block (ASVS 16.3.3)', async () => {
    const client = await aSigningClient(server);
    const address = anAddress();
    for (let n = 0; n <= MOST; n++) await present(await client.assertion(NATIVE, { exp: 1 }), address);
    for (const [action, reason] of [
      ['sign-in.fail', 'invalid_client'],
      ['pair.block', 'too_many_requests'],
    ]) {
      expect(await eventually(server, `action=${action}&client=${client.id}`)).toMatchObject([
        { outcome: 'failure', agent: { address }, detail: { reason, path: NATIVE.token } },
      ]);
    }
  });
});
