import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export const ISSUER = 'https://login.example/';
export const AUDIENCE = 'urn:library';

export type SigningKey = { kid: string; alg: string; privateKey: CryptoKey; jwk: JWK };

export async function makeKey(alg: string, kid = `${alg}-1`): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  return { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
}

export const now = (): number => Math.floor(Date.now() / 1000);

/** The default claims of this issuer. */
export const claimsOf = (changes: JWTPayload = {}): JWTPayload => ({
  iss: ISSUER,
  sub: 'reader',
  client_id: 'reader',
  aud: AUDIENCE,
  scope: 'book:*:read',
  iat: now(),
  exp: now() + 600,
  jti: '1',
  ...changes,
});

/** An issuer without a network: its `fetch` answers for its metadata, keys and introspection endpoint, and counts. */
export class FakeIssuer {
  readonly asked: string[] = [];
  readonly published: JWK[] = [];
  readonly introspections: { token: string | null; authorization: string | null }[] = [];
  metadata: unknown = {
    issuer: ISSUER,
    jwks_uri: 'https://login.example/keys',
    introspection_endpoint: 'https://login.example/introspect',
  };
  introspected: unknown = { active: false };
  /** By path; a missing one is answered with what belongs there. */
  readonly status = new Map<string, number>();
  isDown = false;

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    if (this.isDown) throw new TypeError('fetch failed');
    const { pathname } = new URL(String(input));
    this.asked.push(pathname);
    const status = this.status.get(pathname) ?? 200;
    const body = pathname === '/introspect' ? this.introspect(init) : this.document(pathname);
    if (body === undefined) return new Response(null, { status: 404 });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };

  sign(key: SigningKey, changes: JWTPayload = {}, header: Record<string, string> = {}): Promise<string> {
    return new SignJWT(claimsOf(changes))
      .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
      .sign(key.privateKey);
  }

  private document(pathname: string): unknown {
    if (pathname === '/keys') return { keys: this.published };
    return pathname.startsWith('/.well-known/') ? this.metadata : undefined;
  }

  private introspect(init: RequestInit = {}): unknown {
    const token = new URLSearchParams(String(init.body)).get('token');
    const authorization = new Headers(init.headers).get('authorization');
    this.introspections.push({ token, authorization });
    return this.introspected;
  }
}
