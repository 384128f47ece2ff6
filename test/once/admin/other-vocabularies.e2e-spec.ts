import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const reported = (answer: { body: any }, path: string): string =>
  answer.body.errors.find((fault: { path: string }) => fault.path === path)?.message;

describe("Documents in another system's vocabulary", () => {
  it('rejects each unknown member with the name to use instead (fault E10)', async () => {
    const auth0 = { client_id: 'x', client_secret: 'x', callbacks: [], grantTypes: [], unheard_of: 1 };
    const client = await root.post('/Client', auth0);
    expectProblem(client, 422, Object.keys(auth0));
    expect(reported(client, 'client_secret')).toBe('unknown member; use secret');
    expect(reported(client, 'grantTypes')).toBe('unknown member; use grant_types');
    expect(reported(client, 'unheard_of')).toBe('unknown member');
    const api = await root.post('/Resource', { identifier: 'https://api', scopes: [], token_lifetime: 1 });
    expectProblem(api, 422, ['identifier', 'scopes', 'token_lifetime']);
    expect(reported(api, 'token_lifetime')).toContain('token.access_token_expiration');
    const nested = { auth: { client_credentials: { token_lifetime: 1 } } };
    expect(reported(await root.put('/Client/x', nested), 'auth.client_credentials.token_lifetime')).toContain(
      'access_token_expiration',
    );
  });

  it('rejects the policy engine of another system with a hint how to write the policy (fault E10)', async () => {
    const policy = { engine: 'json-schema', link: linkTo('root'), schema: {} };
    const answer = await root.post('/AccessPolicy', policy);
    expect(reported(answer, 'engine')).toMatch(/^must be one of allow, rules; .*rules/);
    expect(reported(answer, 'schema')).toBe('unknown member; use rules');
  });
});

describe('Paths of other systems', () => {
  it.each([
    ['GET', '/api/v2/clients', '/Client'],
    ['GET', '/User/x', '/Client'],
    ['POST', '/Client/_search', 'GET'],
    ['POST', '/fhir', 'PUT'],
  ])('answers %s %s with the path to use instead (fault E10)', async (method, path, hint) => {
    const { status, body } = await request(library.server.url + path, { method });
    expect([404, 405]).toContain(status);
    expect(body.detail ?? body.error_description).toContain(hint);
  });
});
