import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Contract } from '../support/contract.js';
import { NATIVE } from '../support/dialects.js';
import { basic } from '../support/http.js';
import { openapi, operations } from '../support/openapi.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let contract: Contract;
let client: TestClient;
const guess = basic('guessed-at', 'none of ours');
const body = { grant_type: 'client_credentials', token: 'x', scope: 'a:b:c' };

beforeAll(async () => {
  server = await startServer({ env: { LATCHKEY_FAILURES_PER_MINUTE: '1' } });
  contract = new Contract(server.url);
  client = await aClient(server)
    .with({ token_quota: { per_hour: 2, per_day: 50 } })
    .register();
  expect((await contract.call('POST', NATIVE.token, { body, headers: guess })).status).toBe(401);
});
afterAll(() => server?.stop());

/** Without client authentication: its own test counts guesses of a link. */
const isHandOver = ({ path }: { path: string }) => path === '/hand-over';

const limited = operations.filter((one) => one.statuses.includes(429) && !isHandOver(one));

describe('Limits in the OpenAPI document', () => {
  it('are documented wherever a client authenticates (L01, ASVS 2.4.1)', () => {
    const open = operations.filter(({ node, path, statuses }) => {
      if (isHandOver({ path })) return false;
      const basicIsTaken = (node.security ?? openapi.security).some((one: object) => 'basic' in one);
      return basicIsTaken !== statuses.includes(429);
    });
    expect(open.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });

  it.each(limited)('occur at $method $path (C15, ASVS 6.3.1, RFC 6585 4)', async ({ method, path }) => {
    const sent = method === 'GET' ? {} : { body };
    expect((await contract.call(method, path, { headers: guess, ...sent })).status).toBe(429);
  });

  it('are YAML on request (C15, ASVS 6.3.1)', async () => {
    const { status, text } = await contract.call('GET', '/Client', {
      headers: { ...guess, accept: 'text/yaml' },
    });
    expect(status).toBe(429);
    expect(text).toContain('error: too_many_requests');
  });

  it('include the token quota (L01, ASVS 2.4.1)', async () => {
    const ask = (fields: object) =>
      contract.call('POST', NATIVE.token, { body: { ...body, ...fields }, headers: client.basic });
    expect((await ask({})).status).toBe(400);
    for (const status of [200, 200, 429]) expect((await ask({ scope: undefined })).status).toBe(status);
    expect((await contract.call('POST', '/oauth/token', { body, headers: client.basic })).status).toBe(403);
  });
});
