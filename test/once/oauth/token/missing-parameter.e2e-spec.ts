import { beforeAll, describe, expect, it } from 'vitest';
import { DIALECTS, NATIVE } from '../../../support/dialects.js';
import { form, json, request } from '../../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient, type TestClient } from '../../../support/registration.js';

const library = useLibrary();
let client: TestClient;

beforeAll(async () => {
  client = await aClient(library.server).withGrant('book:1:read').register();
});

const invalid = (error_description: string) => ({ error: 'invalid_request', error_description });
const FORM = 'application/x-www-form-urlencoded';

describe.each(DIALECTS)('A request without what it needs in the $name dialect', (dialect) => {
  const url = () => library.server.url + dialect.token;

  it.each(['grantType', 'grant-type', 'GRANT_TYPE', 'grant'])(
    'names %s as the likely misspelling of grant_type (fault E10)',
    async (name) => {
      const fields = { ...READ_BOOK_1, [name]: 'client_credentials' };
      for (const send of [form, json]) {
        const answer = await send(url(), fields, client.basic);
        expect(answer.status).toBe(400);
        expect(answer.body).toEqual(invalid(`grant_type is required; the body contains ${name} instead`));
      }
    },
  );

  it('reports JSON sent as a form, and a form sent as JSON (fault C7)', async () => {
    const fields = { grant_type: 'client_credentials', ...READ_BOOK_1 };
    const asForm = await json(url(), fields, { ...client.basic, 'content-type': FORM });
    expect([asForm.status, asForm.body]).toEqual([
      400,
      invalid(
        'grant_type is required; the body looks like JSON: send it with Content-Type: application/json',
      ),
    ]);
    const asJson = await form(url(), fields, { ...client.basic, 'content-type': 'application/json' });
    expect([asJson.status, asJson.body]).toEqual([
      400,
      invalid(`the body is not JSON; send a form as ${FORM}`),
    ]);
  });

  it('reports that parameters belong in the body (fault E10)', async () => {
    const init = { method: 'POST', headers: client.basic };
    const answer = await request(`${url()}?grant_type=client_credentials`, init);
    expect(answer.body).toEqual(invalid('grant_type is required; send it in the body, not in the query'));
  });

  it('suggests nothing where no parameter resembles the missing one (fault E10)', async () => {
    for (const fields of [{}, { granting: 'x' }, { scope: 'grantType' }]) {
      const answer = await form(url(), fields, client.basic);
      expect(answer.body).toEqual(invalid('grant_type is required'));
    }
  });
});

describe('Introspection and revocation', () => {
  it.each(['/auth/introspect', '/oidc/token/introspection', '/oauth/revoke'])(
    'names the likely misspelling of token: %s (fault E10)',
    async (path) => {
      for (const name of ['access_token', 'refresh_token', 'accessToken', 'Token']) {
        const answer = await form(library.server.url + path, { [name]: 'x' }, client.basic);
        expect(answer.body).toEqual(invalid(`token is required; the body contains ${name} instead`));
      }
    },
  );
});

describe('An empty Basic header', () => {
  it.each(['Basic', 'basic Og==', 'Basic  Og'])(
    'is named where the credentials are in the body: %s (fault C7)',
    async (authorization) => {
      const fields = { grant_type: 'client_credentials', ...client.inBody };
      const answer = await form(library.server.url + NATIVE.token, fields, { authorization });
      expect([answer.status, answer.body]).toEqual([
        400,
        invalid(
          'the Authorization header is Basic without credentials, but the body contains credentials: omit the header',
        ),
      ]);
    },
  );
});
