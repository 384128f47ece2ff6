import { describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { form, request } from '../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();

const OAUTH = [
  '/auth/token',
  '/auth/introspect',
  '/auth/revoke',
  '/oauth/token',
  '/oauth/introspect',
  '/oauth/revoke',
  '/oidc/token',
  '/oidc/token/introspection',
  '/oidc/token/revocation',
];

describe.each(OAUTH)('An address that is almost %s', (path) => {
  it('answers 404 with the correct path, never with a redirect (fault C8)', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    const odd = [`${path}/`, `/${path}`, path.replaceAll('/', '//'), `${path}//`, path.toUpperCase()];
    for (const address of odd) {
      const fields = { grant_type: 'client_credentials', token: 'x' };
      const { status, headers, body } = await form(library.server.url + address, fields, client.basic);
      expect([address, status, headers.get('location')]).toEqual([address, 404, null]);
      expect(body).toEqual({
        error: 'invalid_request',
        error_description: `no resource exists at this path: did you mean ${path}?`,
      });
    }
  });
});

describe('An address', () => {
  it('decodes unreserved characters in the path (fault C8, RFC 3986 6.2.2.2)', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    const fields = { grant_type: 'client_credentials', ...READ_BOOK_1 };
    const { status } = await form(`${library.server.url}/auth/%74oken`, fields, client.basic);
    expect([status, NATIVE.token]).toEqual([200, '/auth/token']);
  });

  it.each([
    ['/client/root', '/Client/root'],
    ['/Client/root/', '/Client/root'],
    ['/accesspolicy', '/AccessPolicy'],
  ])(
    'of the administration API that is almost right, %s, is 404 with the right one (fault C8)',
    async (odd, right) => {
      const answer = await admin(library.server).get(odd);
      expect([answer.status, answer.headers.get('location')]).toEqual([404, null]);
      expect(answer.text).toContain(`did you mean ${right}?`);
    },
  );

  it('suggests no path for one that is similar to none', async () => {
    const { status, text } = await request(`${library.server.url}/login/`);
    expect(status).toBe(404);
    expect(text).not.toContain('did you mean');
  });
});
