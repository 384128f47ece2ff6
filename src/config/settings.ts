import type { LevelWithSilent } from 'pino';

/** How connections to MySQL are encrypted; the files are PEM. */
export interface MysqlTls {
  /** Whether the server's certificate must be trusted and fit its name. */
  readonly verify: boolean;
  /** Trusted authorities in place of the system's. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** The name in the certificate, where it is not the host. */
  readonly name: string | undefined;
}

export interface SqliteSettings {
  readonly engine: 'sqlite';
  readonly file: string;
}

export interface MysqlSettings {
  readonly engine: 'mysql';
  readonly host: string;
  readonly port: number;
  /** Path of a Unix socket, in place of host and port. */
  readonly socket: string | undefined;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Absent: plain text. */
  readonly tls: MysqlTls | undefined;
}

/** Where configuration and sessions are kept. */
export type DatabaseSettings = SqliteSettings | MysqlSettings;

export const UNREGISTERED_AUDIENCE = ['policy', 'allow', 'deny'] as const;

/** `policy`: clients that list the audience, or that list none and are linked by an `allow` policy. */
export type UnregisteredAudience = (typeof UNREGISTERED_AUDIENCE)[number];

/** Everything that the environment decides, read once and checked before anything starts. */
export abstract class Settings {
  /** TCP port; `PORT`, 8080. */
  abstract readonly port: number;
  /** Address to listen on; `HOST`, 127.0.0.1. */
  abstract readonly host: string;
  /** Origin under which clients reach this server, without a trailing slash; `LATCHKEY_PUBLIC_URL`. */
  abstract readonly publicUrl: string;
  /** Issuer of the native and auth0 dialects, and the server's own audience; `LATCHKEY_ISSUER`, the public URL and a slash. */
  abstract readonly rootIssuer: string;
  /** Issuer of the authing dialect. */
  abstract readonly oidcIssuer: string;
  /** Folder of the SQLite file and of the generated master key; `LATCHKEY_DATA_DIR`, ./data. */
  abstract readonly dataDir: string;
  abstract readonly database: DatabaseSettings;
  /** Keys of 32 bytes that seal other keys; `LATCHKEY_MASTER_KEY`, several while one is rotated; none: the data folder's. */
  abstract readonly masterKeys: readonly Buffer[];
  abstract readonly adminClientId: string;
  /** Ensured at each start when set; `LATCHKEY_ADMIN_CLIENT_SECRET`. */
  abstract readonly adminClientSecret: string | undefined;
  /** Which clients the native dialect gives an audience that no resource has; `LATCHKEY_UNREGISTERED_AUDIENCE`, policy. */
  abstract readonly unregisteredAudience: UnregisteredAudience;
  /** Whether a client's `jwks_uri` may be http and at loopback, link-local and private addresses. */
  abstract readonly allowPrivateJwksUri: boolean;
  /** Paths of a PEM certificate chain and its key; both or none. */
  abstract readonly tls: { certFile: string; keyFile: string } | undefined;
  /** Addresses and networks of proxies whose X-Forwarded-For is believed; `LATCHKEY_TRUSTED_PROXIES`, none. */
  abstract readonly trustedProxies: readonly string[];
  /** Failed client authentications of one id from one address; 0: no failure limits. `LATCHKEY_FAILURES_PER_MINUTE`, 20. */
  abstract readonly failuresPerMinute: number;
  /** Audit events are removed after so many days; `LATCHKEY_AUDIT_RETENTION_DAYS`, 400; 0 keeps all. */
  abstract readonly auditRetentionDays: number;
  /** How long an idle connection stays open; `LATCHKEY_KEEP_ALIVE_SECONDS`, 620. */
  abstract readonly keepAliveSeconds: number;
  /** Open connections of one process, beyond which new ones are closed; `LATCHKEY_MAX_CONNECTIONS`, 20,000. */
  abstract readonly maxConnections: number;
  /** How long the server goes on serving, not ready, after SIGTERM; `LATCHKEY_SHUTDOWN_DELAY_SECONDS`, 0. */
  abstract readonly shutdownDelaySeconds: number;
  /** Processes that serve; `LATCHKEY_WORKERS`, 1. */
  abstract readonly workers: number;
  abstract readonly logLevel: LevelWithSilent;
}
