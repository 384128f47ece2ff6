import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { freePort } from '../../support/port.js';
import type { TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';
import { type ExampleApi, exampleFile, runExample, startExample } from './example-process.js';
import { registerApi, registerClient } from './world-mappers.js';

let server: TestServer;
let api: ExampleApi;

beforeAll(async () => {
  server = await startServer();
  await registerApi(server);
  api = await startExample(exampleFile('world-mappers-api/server.js'), { ISSUER: `${server.publicUrl}/` });
});

afterAll(async () => {
  await api?.stop();
  await server?.stop();
});

const deliver = (client: TestClient, destinations: string[], env: Record<string, string> = {}) =>
  runExample('gift-deliveries/deliver.js', destinations, {
    ISSUER: `${server.publicUrl}/`,
    API_URL: api.url,
    CLIENT_ID: client.id,
    CLIENT_SECRET: client.secret,
    ...env,
  });

const wayTo = (destination: string) => `Directions to ${destination}:
  1. Drive north on 106th Avenue NE
  2. Turn right onto NE 12th Street
  3. Arrive at ${destination}
`;

const sessionsOf = async ({ id }: TestClient): Promise<number> =>
  (await admin(server).get(`/Session?client=${id}`)).body.total;

describe('examples/gift-deliveries', () => {
  it('prints the way to each destination, with one token for all', async () => {
    const client = await registerClient(server);
    expect(await deliver(client, ['City Hall', 'the Botanical Garden'])).toEqual({
      exitCode: 0,
      stdout: wayTo('City Hall') + wayTo('the Botanical Garden'),
      stderr: '',
    });
    expect(await sessionsOf(client)).toBe(1);
  });

  it('gets another token when the one that it has is about to end', async () => {
    const client = await registerClient(server, undefined, { access_token_expiration: 20 });
    const { exitCode } = await deliver(client, ['City Hall', 'the Botanical Garden']);
    expect(exitCode).toBe(0);
    expect(await sessionsOf(client)).toBe(2);
  });

  const expectFailure = async (ended: ReturnType<typeof deliver>, reported: string) =>
    expect(await ended).toEqual({ exitCode: 1, stdout: '', stderr: `${reported}\n` });

  it('reports a missing scope in one line and ends with 1', async () => {
    const client = await registerClient(server, 'world-mappers:*:geocode:location');
    await expectFailure(
      deliver(client, []),
      'No directions: 403 insufficient_scope: this needs the scope directions',
    );
  });

  it.each([
    [
      'a wrong secret',
      { CLIENT_SECRET: 'another-secret' },
      'No token: 401 invalid_client: client authentication failed',
    ],
    [
      'an unknown audience',
      { RESOURCE_SERVER: 'urn:nowhere' },
      'No token: 403 access_denied: Service not found: urn:nowhere',
    ],
    ['a missing setting', { CLIENT_ID: '' }, 'CLIENT_ID is not set.'],
  ])('reports %s in one line and ends with 1', async (_what, env, reported) => {
    await expectFailure(deliver(await registerClient(server), [], env as Record<string, string>), reported);
  });

  it('reports in one line that no server answers', async () => {
    const env = { ISSUER: `http://localhost:${await freePort()}/` };
    await expectFailure(deliver(await registerClient(server), [], env), 'fetch failed: ECONNREFUSED');
  });
});
