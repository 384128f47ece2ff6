import { exportJWK, generateKeyPair } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { describe, expect, it } from 'vitest';
import { issuerOf } from '../../../support/assertions.js';
import { AUTHING, NATIVE } from '../../../support/dialects.js';
import { READ_BOOK_1, useLibrary } from '../../../support/library.js';
import { aClient } from '../../../support/registration.js';

const library = useLibrary();
const overHttp = { [oauth.allowInsecureRequests]: true };

/** A client that is known by the public half of a new key, and the private half. */
async function signing(alg: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  const jwk = { ...(await exportJWK(publicKey)), kid: 'key', alg };
  const { id } = await aClient(library.server)
    .with({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } })
    .withGrant('book:*:read')
    .register();
  return { id, key: { key: privateKey, kid: 'key' } };
}

describe.each([NATIVE, AUTHING])(
  'private_key_jwt by libraries at the issuer of the $name dialect',
  (dialect) => {
    it.each(['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'])(
      'openid-client gets, introspects and revokes a token (%s)',
      async (alg) => {
        const { id, key } = await signing(alg);
        const issuer = new URL(issuerOf(library.server, dialect));
        const config = await openid.discovery(issuer, id, undefined, openid.PrivateKeyJwt(key), {
          algorithm: 'oauth2',
          execute: [openid.allowInsecureRequests],
        });
        const { access_token } = await openid.clientCredentialsGrant(config, READ_BOOK_1);
        expect(await openid.tokenIntrospection(config, access_token)).toMatchObject({
          active: true,
          client_id: id,
        });
        await openid.tokenRevocation(config, access_token);
        expect(await openid.tokenIntrospection(config, access_token)).toEqual({ active: false });
      },
    );

    it('oauth4webapi gets a token', async () => {
      const { id, key } = await signing('ES256');
      const issuer = new URL(issuerOf(library.server, dialect));
      const response = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...overHttp });
      const server = await oauth.processDiscoveryResponse(issuer, response);
      const client = { client_id: id };
      const asked = oauth.clientCredentialsGrantRequest(
        server,
        client,
        oauth.PrivateKeyJwt(key),
        READ_BOOK_1,
        overHttp,
      );
      const result = await oauth.processClientCredentialsResponse(server, client, await asked);
      expect(result).toMatchObject({ token_type: 'bearer', scope: 'book:1:read' });
    });
  },
);
