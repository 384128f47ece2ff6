import type { JWTPayload } from 'jose';
import type { TokenFormat } from '../../protocol/src/token-format.js';
import { AnswerCache } from './answer-cache.js';
import { type Auth, authOf } from './auth.js';
import type { IssuerMetadata } from './issuer-metadata.js';
import { type IntrospectionOptions, type Settings, seconds, text, webAddress } from './options.js';
import { invalidToken } from './refusal.js';
import { fetchFromServer, readObject } from './server-answer.js';

const MAX_CACHE_SECONDS = 60;

/** Introspects tokens (RFC 7662), as the client of the options. */
export class Introspection {
  private readonly endpoint: URL | undefined;
  private readonly credentials: string;
  private readonly cache: AnswerCache;

  constructor(
    options: IntrospectionOptions,
    private readonly metadata: IssuerMetadata,
    private readonly settings: Settings,
  ) {
    const { clientId, clientSecret, endpoint, cacheSeconds = 0 } = options;
    this.endpoint = endpoint === undefined ? undefined : webAddress('introspection.endpoint', endpoint);
    const pair = [text('introspection.clientId', clientId), text('introspection.clientSecret', clientSecret)];
    // RFC 6749 2.3.1: both are form-encoded before Base64.
    this.credentials = Buffer.from(pair.map(formEncoded).join(':')).toString('base64');
    this.cache = new AnswerCache(seconds('introspection.cacheSeconds', cacheSeconds, MAX_CACHE_SECONDS));
  }

  async verify(token: string, format: TokenFormat): Promise<Auth> {
    const cached = this.cache.find(token);
    const claims = cached ?? (await this.request(token));
    this.check(claims);
    const auth = authOf(claims, format);
    if (!cached) this.cache.keep(token, claims);
    return auth;
  }

  private async request(token: string): Promise<JWTPayload> {
    const endpoint = this.endpoint ?? (await this.metadata.endpoint('introspection_endpoint'));
    const answer = await fetchFromServer('introspection', endpoint.href, this.settings, {
      method: 'POST',
      headers: { authorization: `Basic ${this.credentials}` },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
    });
    const claims = readObject('introspection', answer);
    if (claims.active !== true) throw invalidToken('the access token is unknown, expired or closed');
    // A refresh token can be active as well, but has no token_type (RFC 7662 2.2): APIs do not accept it.
    if (!/^bearer$/i.test(String(claims.token_type))) throw invalidToken('the token is not an access token');
    return claims as JWTPayload;
  }

  /** RFC 7662 4: the server verifies the token; the API must check that it is the audience. */
  private check({ iss, aud, exp, nbf }: JWTPayload): void {
    const { issuers, audiences, clockToleranceSeconds } = this.settings;
    const now = Date.now() / 1000;
    if (exp !== undefined && !(exp > now - clockToleranceSeconds))
      throw invalidToken('the access token has expired');
    if (nbf !== undefined && !(nbf <= now + clockToleranceSeconds)) throw invalidToken();
    if (iss !== undefined && !issuers.includes(iss))
      throw invalidToken('the access token is from another issuer');
    if (![aud].flat().some((one) => one !== undefined && audiences.includes(one))) {
      throw invalidToken('the access token was not issued for this API');
    }
  }
}

const formEncoded = (value: string): string => new URLSearchParams({ v: value }).toString().slice(2);
