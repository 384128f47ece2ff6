import { type Settings, webAddress } from './options.js';
import { unavailable } from './refusal.js';
import { askServer, readObject } from './server-answer.js';

type EndpointName = 'jwks_uri' | 'introspection_endpoint';

/** What an issuer publishes about itself (RFC 8414), read when it is first needed and then kept. */
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
      // What could not be read, or lacks the endpoint today, may be well after the server's next start.
      this.document = undefined;
      throw error;
    }
  }

  private async read(): Promise<Record<string, unknown>> {
    const document = await this.find();
    // RFC 8414 3.3: another issuer's document is not used.
    if (document.issuer !== this.issuer) {
      throw unavailable(`the metadata of ${this.issuer} is that of ${String(document.issuer)}`);
    }
    return document;
  }

  private async find(): Promise<Record<string, unknown>> {
    const what = `the metadata of ${this.issuer}`;
    const [first, second] = placesOf(this.issuer);
    const answer = await askServer(what, first, this.settings);
    return readObject(what, answer.status === 404 ? await askServer(what, second, this.settings) : answer);
  }

  /** A key set or a secret that goes in the clear would undo the issuer's own https. */
  private trusted(name: EndpointName, address: string): URL {
    const isSecure = (url: string) => url.startsWith('https:');
    if (isSecure(this.issuer) && !isSecure(address))
      throw unavailable(`${name} of ${this.issuer} is not https`);
    return webAddress(name, address);
  }
}

/** RFC 8414 3.1, and the place of OpenID Connect for issuers that have only that. */
function placesOf(issuer: string): [string, string] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
}
