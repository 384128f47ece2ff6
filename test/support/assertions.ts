import { randomUUID } from 'node:crypto';
import {
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  type JWK,
  type JWTHeaderParameters,
  SignJWT,
} from 'jose';
import { AUTHING, type Dialect } from './dialects.js';
import { type Answer, form } from './http.js';
import { rememberSecret } from './leaks.js';
import { aClient, type ClientBuilder } from './registration.js';
import type { TestServer } from './server.js';

export const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

type Claims = Record<string, unknown>;
export type Header = Record<string, unknown>;

export const nowSeconds = () => Math.floor(Date.now() / 1000);

export const issuerOf = (server: TestServer, dialect: Dialect): string =>
  server.publicUrl + (dialect === AUTHING ? '/oidc' : '/');

/** A key pair of a client. */
export class Signer {
  private constructor(
    readonly alg: string,
    readonly jwk: JWK,
    private readonly privateKey: CryptoKey,
  ) {}

  static async make(alg = 'ES256', members: JWK = {}): Promise<Signer> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    return new Signer(alg, { ...(await exportJWK(publicKey)), kid: randomUUID(), ...members }, privateKey);
  }

  /** A JWT with exactly these claims; `undefined` removes a member of the header. */
  async sign(claims: Claims, header: Header = {}): Promise<string> {
    const whole = { alg: this.alg, kid: this.jwk.kid, ...header };
    const present = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined));
    const signing = new SignJWT(claims).setProtectedHeader(present as unknown as JWTHeaderParameters);
    const jwt = await signing.sign(this.privateKey, header.crit ? { crit: { 'urn:x': true } } : {});
    rememberSecret(jwt);
    return jwt;
  }
}

/** A registered client that authenticates with its key. */
export class SigningClient {
  constructor(
    readonly server: TestServer,
    readonly id: string,
    readonly signer: Signer,
  ) {}

  claims(dialect: Dialect, changes: Claims = {}): Claims {
    const now = nowSeconds();
    const aud = issuerOf(this.server, dialect);
    return { iss: this.id, sub: this.id, aud, jti: randomUUID(), iat: now, exp: now + 60, ...changes };
  }

  assertion(dialect: Dialect, changes: Claims = {}, header: Header = {}): Promise<string> {
    return this.signer.sign(this.claims(dialect, changes), header);
  }

  /** The token request of a dialect with this assertion. */
  present(
    dialect: Dialect,
    assertion: string,
    fields: Record<string, string | undefined> = {},
    url = this.server.url,
  ): Promise<Answer> {
    const presented = { client_assertion_type: JWT_BEARER, client_assertion: assertion };
    const scope = dialect === AUTHING ? { scope: 'book:1:read' } : {};
    return form(url + dialect.token, {
      grant_type: 'client_credentials',
      audience: 'urn:library',
      ...scope,
      ...presented,
      ...fields,
    });
  }

  /** A token request with a valid assertion except for these changes. */
  async ask(dialect: Dialect, changes: Claims = {}, header: Header = {}): Promise<Answer> {
    return this.present(dialect, await this.assertion(dialect, changes, header));
  }
}

/** Registers a client that may read books, with the public key inline unless `members` refers to it. */
export async function aSigningClient(
  server: TestServer,
  { signer, ...members }: Record<string, unknown> & { signer?: Signer } = {},
): Promise<SigningClient> {
  const key = signer ?? (await Signer.make());
  const place = 'jwks_uri' in members ? {} : { jwks: { keys: [key.jwk] } };
  const builder: ClientBuilder = aClient(server)
    .with({ token_endpoint_auth_method: 'private_key_jwt', ...place, ...members })
    .withGrant('book:*:read');
  return new SigningClient(server, (await builder.register()).id, key);
}

export const INVALID_CLIENT = { error: 'invalid_client', error_description: 'client authentication failed' };
