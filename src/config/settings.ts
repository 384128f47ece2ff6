import type { LevelWithSilent } from 'pino';
import type { WatchSettings, WebhookSettings } from './event-settings.js';
import type { MetricsSettings } from './metrics-settings.js';

/** How connections to a database server are encrypted; the files are in PEM format. */
export interface DatabaseTls {
  /** Whether the server's certificate must be trusted and match its name. */
  readonly verify: boolean;
  /** Trusted certificate authorities instead of the system's. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** The name in the certificate if it differs from the host. */
  readonly name: string | undefined;
}

export interface SqliteSettings {
  readonly engine: 'sqlite';
  readonly file: string;
}

export interface HostAddress {
  readonly host: string;
  readonly port: number;
}

export interface ServerSettings extends HostAddress {
  readonly engine: 'mysql' | 'postgres';
  /** Further hosts of the same database, in order of preference. */
  readonly otherHosts: readonly HostAddress[];
  /** Path of a Unix socket, instead of host and port. */
  readonly socket: string | undefined;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Absent: not encrypted. */
  readonly tls: DatabaseTls | undefined;
}

/** Where configuration and sessions are stored. */
export type DatabaseSettings = SqliteSettings | ServerSettings;

export const UNREGISTERED_AUDIENCE = ['policy', 'allow', 'deny'] as const;

/** `policy`: clients that list the audience, or that list none and are linked by an `allow` policy. */
export type UnregisteredAudience = (typeof UNREGISTERED_AUDIENCE)[number];

export const DISCOVERY_DIALECT = ['native', 'auth0'] as const;

/** The dialects of the root issuer. */
export type DiscoveryDialect = (typeof DISCOVERY_DIALECT)[number];

/** All settings from the environment, read once and validated before anything starts. */
export abstract class Settings {
  /** TCP port; `PORT`, 8080. */
  abstract readonly port: number;
  /** Address to listen on; `HOST`, 127.0.0.1. */
  abstract readonly host: string;
  /** Origin at which clients reach this server, without a trailing slash; `LATCHKEY_PUBLIC_URL`. */
  abstract readonly publicUrl: string;
  /** Issuer of the native and auth0 dialects, and the server's own audience; `LATCHKEY_ISSUER`, the public URL and a slash. */
  abstract readonly rootIssuer: string;
  /** Issuer of the authing dialect. */
  abstract readonly oidcIssuer: string;
  /** Directory of the SQLite file and of the generated master key; `LATCHKEY_DATA_DIR`, ./data. */
  abstract readonly dataDir: string;
  abstract readonly database: DatabaseSettings;
  /**
   * 32-byte keys that seal other keys; `LATCHKEY_MASTER_KEY`, several during a rotation; if empty, from the data
   * directory.
   */
  abstract readonly masterKeys: readonly Buffer[];
  abstract readonly adminClientId: string;
  /** Applied at each start if set; `LATCHKEY_ADMIN_CLIENT_SECRET`. */
  abstract readonly adminClientSecret: string | undefined;
  /**
   * Which clients the native dialect gives an audience that no resource registers; `LATCHKEY_UNREGISTERED_AUDIENCE`,
   * policy.
   */
  abstract readonly unregisteredAudience: UnregisteredAudience;
  /** The dialect whose endpoints the root issuer's metadata names; `LATCHKEY_DISCOVERY_DIALECT`, native. */
  abstract readonly discoveryDialect: DiscoveryDialect;
  /** Whether a client's `jwks_uri` may use http and loopback, link-local and private addresses. */
  abstract readonly allowPrivateJwksUri: boolean;
  /** Paths of a PEM certificate chain and its key; both or neither. */
  abstract readonly tls: { certFile: string; keyFile: string } | undefined;
  /** Addresses and networks of proxies whose X-Forwarded-For is trusted; `LATCHKEY_TRUSTED_PROXIES`, none. */
  abstract readonly trustedProxies: readonly string[];
  /** Host names besides that of the public URL under which browsers may reach it; `LATCHKEY_ALLOWED_HOSTS`, none. */
  abstract readonly allowedHosts: readonly string[];
  /**
   * Failed authentications allowed for one client id from one address; 0 disables the limits.
   * `LATCHKEY_FAILURES_PER_MINUTE`, 20.
   */
  abstract readonly failuresPerMinute: number;
  /** Days after which audit events are deleted; `LATCHKEY_AUDIT_RETENTION_DAYS`, 400; 0 keeps them forever. */
  abstract readonly auditRetentionDays: number;
  /** Seconds that an idle connection stays open; `LATCHKEY_KEEP_ALIVE_SECONDS`, 620. */
  abstract readonly keepAliveSeconds: number;
  /** Open connections per process; further ones are closed. `LATCHKEY_MAX_CONNECTIONS`, 20,000. */
  abstract readonly maxConnections: number;
  /** Seconds to keep serving, reported as not ready, after SIGTERM; `LATCHKEY_SHUTDOWN_DELAY_SECONDS`, 0. */
  abstract readonly shutdownDelaySeconds: number;
  /** Number of serving processes; `LATCHKEY_WORKERS`, 1. */
  abstract readonly workers: number;
  /** Absent unless `LATCHKEY_METRICS_PORT` is set. */
  abstract readonly metrics: MetricsSettings | undefined;
  /** Whether each request is logged; `LATCHKEY_ACCESS_LOG`, off. */
  abstract readonly accessLog: boolean;
  /** Whether audit events are written to standard output; `LATCHKEY_AUDIT_LOG`, off. */
  abstract readonly auditLog: boolean;
  /** Absent unless `LATCHKEY_WEBHOOK_URL` is set. */
  abstract readonly webhook: WebhookSettings | undefined;
  /** Thresholds of the events about states. */
  abstract readonly watch: WatchSettings;
  /** Whether traces are exported, by OpenTelemetry's own variables. */
  abstract readonly tracing: boolean;
  /** Whether the administrator's pages are served at /console; `LATCHKEY_CONSOLE`, on. */
  abstract readonly console: boolean;
  abstract readonly logLevel: LevelWithSilent;
}
