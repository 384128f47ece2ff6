type Environment = Readonly<Record<string, string | undefined>>;

/** What the environment decides; the defaults fit a Latchkey on this machine. */
export class Settings {
  readonly issuer: string;
  readonly jwksUri: URL;
  readonly audience: string;
  readonly host: string;
  readonly port: number;

  constructor(env: Environment) {
    this.issuer = env.ISSUER || 'http://localhost:8080/';
    this.jwksUri = new URL(
      '.well-known/jwks.json',
      this.issuer.endsWith('/') ? this.issuer : `${this.issuer}/`,
    );
    this.audience = env.RESOURCE_SERVER || 'urn:worldmappers';
    this.host = env.HOST || '127.0.0.1';
    this.port = Number(env.PORT || 7002);
  }
}
