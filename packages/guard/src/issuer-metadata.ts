import { type Settings, webAddress } from './options.js';
import { unavailable } from './refusal.js';
import { fetchFromServer, readObject } from './server-answer.js';

type EndpointName = 'jwks_uri' | 'introspection_endpoint';

/** The metadata of an issuer (RFC 8414), fetched at first use and cached. */
export class IssuerMetadata {
  private document: Promise<Record<string, unknown>> | undefined;

  constructor(
    readonly issuer: string,
    private readonly settings: Settings,
  ) {}

  async endpoint(name: EndpointName): Promise<URL> {
    this.document ??= this.read();
    try {
      const { [name]: address } = await this.document;
      if (typeof address !== 'string') throw unavailable(`the metadata of ${this.issuer} has no ${name}`);
      return this.trusted(name, address);
    } catch (error) {
      // Not cached after a failure or without the endpoint: the next start of the server may change that.
      this.document = undefined;
      throw error;
    }
  }

  private async read(): Promise<Record<string, unknown>> {
    const document = await this.find();
    // RFC 8414 3.3: a document of another issuer must not be used.
    if (document.issuer !== this.issuer) {
      throw unavailable(`the metadata of ${this.issuer} is that of ${String(document.issuer)}`);
    }
    return document;
  }

  private async find(): Promise<Record<string, unknown>> {
    const what = `the metadata of ${this.issuer}`;
    const [first, second] = metadataUrls(this.issuer);
    const answer = await fetchFromServer(what, first, this.settings);
    return readObject(
      what,
      answer.status === 404 ? await fetchFromServer(what, second, this.settings) : answer,
    );
  }

  /** Keys or secrets over plain HTTP would defeat the https of the issuer. */
  private trusted(name: EndpointName, address: string): URL {
    const isSecure = (url: string) => url.startsWith('https:');
    if (isSecure(this.issuer) && !isSecure(address))
      throw unavailable(`${name} of ${this.issuer} is not https`);
    return webAddress(name, address);
  }
}

/** The URL of RFC 8414 3.1, and that of OpenID Connect Discovery for issuers that have only that. */
function metadataUrls(issuer: string): [string, string] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}
