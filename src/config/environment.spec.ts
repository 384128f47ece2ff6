import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings, unknownSettings } from './environment.js';
import { InvalidSetting } from './invalid-setting.js';

/** Stands in for 32 random bytes. */
const keyOf = (name: string) => createHash('sha256').update(name).digest();
const KEY = keyOf('one').toString('base64');
const MYSQL = 'mysql://user:pass@db:3306/latchkey';

type Environment = Record<string, string | undefined>;

function fault(env: Environment): string {
  try {
    readSettings(env);
    return 'no fault';
  } catch (error) {
    return error instanceof InvalidSetting ? error.message : `not a InvalidSetting: ${error}`;
  }
}

describe('readSettings', () => {
  it('has a default for every setting', () => {
    expect(readSettings({})).toEqual({
      port: 8080,
      host: '127.0.0.1',
      publicUrl: 'http://localhost:8080',
      rootIssuer: 'http://localhost:8080/',
      oidcIssuer: 'http://localhost:8080/oidc',
      dataDir: path.resolve('data'),
      database: { engine: 'sqlite', file: path.resolve('data/latchkey.sqlite') },
      masterKeys: [],
      adminClientId: 'root',
      adminClientSecret: undefined,
      unregisteredAudience: 'policy',
      discoveryDialect: 'native',
      allowPrivateJwksUri: false,
      tls: undefined,
      trustedProxies: [],
      allowedHosts: [],
      failuresPerMinute: 20,
      auditRetentionDays: 400,
      keepAliveSeconds: 620,
      maxConnections: 20_000,
      shutdownDelaySeconds: 0,
      workers: 1,
      metrics: undefined,
      auditLog: false,
      webhook: undefined,
      watch: { unusedClientDays: 90, refusalSpikeCount: 100, refusalSpikeRatio: 5 },
      tracing: false,
      accessLog: false,
      console: true,
      logLevel: 'info',
    });
  });

  it('treats an empty setting that is no secret as not set', () => {
    const names = [
      'PORT',
      'HOST',
      'LATCHKEY_PUBLIC_URL',
      'LATCHKEY_ISSUER',
      'LATCHKEY_DATA_DIR',
      'LATCHKEY_ADMIN_CLIENT_ID',
      'LATCHKEY_WORKERS',
    ];
    expect(readSettings(Object.fromEntries(names.map((name) => [name, ''])))).toEqual(readSettings({}));
  });

  it('reads every setting', () => {
    const settings = readSettings({
      PORT: '443',
      HOST: '0.0.0.0',
      DATABASE_URL: MYSQL,
      LATCHKEY_PUBLIC_URL: 'https://login.example/',
      LATCHKEY_ISSUER: 'https://issuer.example/tenant',
      LATCHKEY_DATA_DIR: '/var/lib/latchkey',
      LATCHKEY_MASTER_KEY: KEY,
      LATCHKEY_ADMIN_CLIENT_ID: 'admin',
      LATCHKEY_ADMIN_CLIENT_SECRET: 'long enough for one',
      LATCHKEY_UNREGISTERED_AUDIENCE: 'deny',
      LATCHKEY_DISCOVERY_DIALECT: 'auth0',
      LATCHKEY_PRIVATE_JWKS_URI: 'allow',
      LATCHKEY_TLS_CERT: 'cert.pem',
      LATCHKEY_TLS_KEY: 'key.pem',
      LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/8, 192.0.2.1,2001:db8::/32',
      LATCHKEY_ALLOWED_HOSTS: 'Login.internal.example, auth',
      LATCHKEY_FAILURES_PER_MINUTE: '0',
      LATCHKEY_WORKERS: '999',
      LATCHKEY_METRICS_PORT: '9464',
      LATCHKEY_METRICS_HOST: '0.0.0.0',
      LATCHKEY_METRICS_TOKEN: 'sixteen-letters-',
      LATCHKEY_ACCESS_LOG: 'on',
      LATCHKEY_CONSOLE: 'off',
      LATCHKEY_LOG_LEVEL: 'debug',
    });
    expect(settings).toMatchObject({
      port: 443,
      allowPrivateJwksUri: true,
      host: '0.0.0.0',
      publicUrl: 'https://login.example',
      rootIssuer: 'https://issuer.example/tenant',
      oidcIssuer: 'https://login.example/oidc',
      dataDir: '/var/lib/latchkey',
      database: {
        engine: 'mysql',
        host: 'db',
        port: 3306,
        user: 'user',
        password: 'pass',
        database: 'latchkey',
      },
      masterKeys: [keyOf('one')],
      adminClientId: 'admin',
      adminClientSecret: 'long enough for one',
      unregisteredAudience: 'deny',
      discoveryDialect: 'auth0',
      tls: { certFile: 'cert.pem', keyFile: 'key.pem' },
      trustedProxies: ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32'],
      allowedHosts: ['Login.internal.example', 'auth'],
      failuresPerMinute: 0,
      workers: 999,
      metrics: { port: 9464, host: '0.0.0.0', token: 'sixteen-letters-' },
      accessLog: true,
      console: false,
      logLevel: 'debug',
    });
  });

  it('starts a worker for each available processor for auto', () => {
    expect(readSettings({ LATCHKEY_WORKERS: 'auto' }).workers).toBe(availableParallelism());
  });

  it.each(['0', '-1', '1.5', '1000', '01', '2 ', '0x2', 'two', 'Auto'])('rejects %j workers', (value) => {
    expect(() => readSettings({ LATCHKEY_WORKERS: value })).toThrow(
      'LATCHKEY_WORKERS: must be auto or a whole number from 1 to 999',
    );
  });

  it('defaults to an https public URL when it serves HTTPS itself', () => {
    const tls = { LATCHKEY_TLS_CERT: 'cert.pem', LATCHKEY_TLS_KEY: 'key.pem' };
    expect(readSettings({ ...tls, PORT: '8443' }).publicUrl).toBe('https://localhost:8443');
  });

  it.each([
    'http://localhost',
    'http://a.localhost:1',
    'http://127.0.0.1',
    'http://127.1.2.3:80',
    'http://[::1]:8080',
  ])('accepts %s without TLS, because it is loopback', (publicUrl) => {
    expect(readSettings({ LATCHKEY_PUBLIC_URL: publicUrl }).publicUrl).toBe(new URL(publicUrl).origin);
  });

  it.each([
    'https://issuer.example',
    'https://issuer.example/a/b_c~d/%C3%A9;v=1:2@x/',
    'https://[2001:db8::1]:8443/x',
    'https://xn--lgin-6qa.example/',
  ])('accepts the issuer %s, letter by letter', (issuer) => {
    expect(readSettings({ LATCHKEY_ISSUER: issuer }).rootIssuer).toBe(issuer);
  });

  it('accepts any public URL without TLS where plain HTTP is allowed', () => {
    const publicUrl = 'http://latchkey:8080';
    const env = { LATCHKEY_PUBLIC_URL: publicUrl, LATCHKEY_PLAIN_HTTP: 'allow' };
    expect(readSettings(env).publicUrl).toBe(publicUrl);
  });

  it('accepts several master keys during a rotation', () => {
    const other = keyOf('other');
    const env = { LATCHKEY_MASTER_KEY: `${KEY}, ${other.toString('base64')}` };
    expect(readSettings(env).masterKeys).toEqual([keyOf('one'), other]);
  });

  it('reads a SQLite file from DATABASE_URL', () => {
    expect(readSettings({ DATABASE_URL: 'sqlite:/tmp/x.sqlite' }).database).toEqual({
      engine: 'sqlite',
      file: '/tmp/x.sqlite',
    });
  });

  it.each<[string, Environment]>([
    ['PORT', { PORT: 'http' }],
    ['PORT', { PORT: '0' }],
    ['PORT', { PORT: '65536' }],
    ['PORT', { PORT: '80.5' }],
    ['PORT', { PORT: '-1' }],
    ['PORT', { PORT: '0x50' }],
    ['DATABASE_URL', { DATABASE_URL: 'postgres://localhost/x' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://localhost' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql:/x' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://u:12/3@db/x' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://u:12#3@db/x' }],
    ['DATABASE_URL', { DATABASE_URL: 'mysql://u:12%3@db/x' }],
    ['DATABASE_URL', { DATABASE_URL: 'sqlite:' }],
    ['DATABASE_URL', { DATABASE_URL: 'sqlite::memory:' }],
    ['LATCHKEY_PUBLIC_URL', { LATCHKEY_PUBLIC_URL: 'login.example' }],
    ['LATCHKEY_PUBLIC_URL', { LATCHKEY_PUBLIC_URL: 'ftp://login.example' }],
    ['LATCHKEY_PUBLIC_URL', { LATCHKEY_PUBLIC_URL: 'https://login.example/auth' }],
    ['LATCHKEY_PUBLIC_URL', { LATCHKEY_PUBLIC_URL: 'https://login.example/?a=b' }],
    ['LATCHKEY_PUBLIC_URL', { LATCHKEY_PUBLIC_URL: 'https://u:p@login.example' }],
    ['LATCHKEY_PUBLIC_URL', { LATCHKEY_PUBLIC_URL: 'http://login.example' }],
    ['LATCHKEY_PUBLIC_URL', { LATCHKEY_PUBLIC_URL: 'http://192.168.1.1:8080' }],
    ['LATCHKEY_PUBLIC_URL', { LATCHKEY_PUBLIC_URL: 'http://localhost.example' }],
    ['LATCHKEY_PLAIN_HTTP', { LATCHKEY_PLAIN_HTTP: 'perhaps' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'issuer' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'http://localhost:8080/oidc' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'http://localhost:8080/oidc/' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'https://issuer.example/#x' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'https://issuer.example/?' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'https://issuer.example/a b' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'https://issuer.example/\u00e9' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'https://issuer.example/%zz' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'https://issuer.example/"x"' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'https:\\\\issuer.example\\x' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: ' https://issuer.example' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: 'https:issuer.example' }],
    ['LATCHKEY_PUBLIC_URL', { LATCHKEY_PUBLIC_URL: 'https://login.example/ ' }],
    ['LATCHKEY_PUBLIC_URL', { LATCHKEY_PUBLIC_URL: 'https://l\u00f6gin.example' }],
    ['LATCHKEY_ISSUER', { LATCHKEY_ISSUER: `https://issuer.example/${'x'.repeat(255)}` }],
    ['LATCHKEY_MASTER_KEY', { LATCHKEY_MASTER_KEY: 'short' }],
    ['LATCHKEY_MASTER_KEY', { LATCHKEY_MASTER_KEY: Buffer.alloc(31).toString('base64') }],
    ['LATCHKEY_MASTER_KEY', { LATCHKEY_MASTER_KEY: Buffer.alloc(33).toString('base64') }],
    ['LATCHKEY_MASTER_KEY', { LATCHKEY_MASTER_KEY: `${KEY},` }],
    ['LATCHKEY_MASTER_KEY', { LATCHKEY_MASTER_KEY: `${KEY},short` }],
    ['LATCHKEY_MASTER_KEY', { DATABASE_URL: MYSQL }],
    ['LATCHKEY_ADMIN_CLIENT_ID', { LATCHKEY_ADMIN_CLIENT_ID: 'a b' }],
    ['LATCHKEY_ADMIN_CLIENT_ID', { LATCHKEY_ADMIN_CLIENT_ID: 'x'.repeat(65) }],
    ['LATCHKEY_ADMIN_CLIENT_ID', { LATCHKEY_ADMIN_CLIENT_ID: '.a' }],
    ['LATCHKEY_ADMIN_CLIENT_SECRET', { LATCHKEY_ADMIN_CLIENT_SECRET: 'seven77' }],
    ['LATCHKEY_ADMIN_CLIENT_SECRET', { LATCHKEY_ADMIN_CLIENT_SECRET: 'changeme-changeme' }],
    [
      'LATCHKEY_ADMIN_CLIENT_SECRET',
      { LATCHKEY_ADMIN_CLIENT_ID: 'housekeeper', LATCHKEY_ADMIN_CLIENT_SECRET: 'housekeeper-2026' },
    ],
    ['LATCHKEY_ADMIN_CLIENT_SECRET', { LATCHKEY_ADMIN_CLIENT_SECRET: 'x'.repeat(256) }],
    ['LATCHKEY_UNREGISTERED_AUDIENCE', { LATCHKEY_UNREGISTERED_AUDIENCE: 'maybe' }],
    ['LATCHKEY_DISCOVERY_DIALECT', { LATCHKEY_DISCOVERY_DIALECT: 'authing' }],
    ['LATCHKEY_PRIVATE_JWKS_URI', { LATCHKEY_PRIVATE_JWKS_URI: 'yes' }],
    ['LATCHKEY_TLS_KEY', { LATCHKEY_TLS_CERT: 'cert.pem' }],
    ['LATCHKEY_TLS_CERT', { LATCHKEY_TLS_KEY: 'key.pem' }],
    ['LATCHKEY_TRUSTED_PROXIES', { LATCHKEY_TRUSTED_PROXIES: 'proxy.example' }],
    ['LATCHKEY_TRUSTED_PROXIES', { LATCHKEY_TRUSTED_PROXIES: 'true' }],
    ['LATCHKEY_TRUSTED_PROXIES', { LATCHKEY_TRUSTED_PROXIES: '1' }],
    ['LATCHKEY_TRUSTED_PROXIES', { LATCHKEY_TRUSTED_PROXIES: '10.0.0.1, 10.0.0.0/33' }],
    ['LATCHKEY_TRUSTED_PROXIES', { LATCHKEY_TRUSTED_PROXIES: '0.0.0.0/0' }],
    ['LATCHKEY_TRUSTED_PROXIES', { LATCHKEY_TRUSTED_PROXIES: '10.0.0.1, ::/0' }],
    ['LATCHKEY_TRUSTED_PROXIES', { LATCHKEY_TRUSTED_PROXIES: '10.0.0.0/255.0.0.0' }],
    ['LATCHKEY_TRUSTED_PROXIES', { LATCHKEY_TRUSTED_PROXIES: '2001:db8::/129' }],
    ['LATCHKEY_TRUSTED_PROXIES', { LATCHKEY_TRUSTED_PROXIES: 'fe80::1%eth0' }],
    ['LATCHKEY_ALLOWED_HOSTS', { LATCHKEY_ALLOWED_HOSTS: 'https://login.example' }],
    ['LATCHKEY_ALLOWED_HOSTS', { LATCHKEY_ALLOWED_HOSTS: 'login.example:8080' }],
    ['LATCHKEY_ALLOWED_HOSTS', { LATCHKEY_ALLOWED_HOSTS: '*.example' }],
    ['LATCHKEY_FAILURES_PER_MINUTE', { LATCHKEY_FAILURES_PER_MINUTE: '-1' }],
    ['LATCHKEY_FAILURES_PER_MINUTE', { LATCHKEY_FAILURES_PER_MINUTE: 'off' }],
    ['LATCHKEY_FAILURES_PER_MINUTE', { LATCHKEY_FAILURES_PER_MINUTE: '2.5' }],
    ['LATCHKEY_LOG_LEVEL', { LATCHKEY_LOG_LEVEL: 'loud' }],
  ])('names %s in one line, and never its value: %j', (name, env) => {
    const message = fault(env);
    expect(message.startsWith(`${name}: `), message).toBe(true);
    expect(message).not.toContain('\n');
    const value = env[name];
    if (value && value.length > 8) expect(message).not.toContain(value);
  });
});

describe('readSettings', () => {
  it.each(['-', '.a', '_a', 'a b', 'x'.repeat(65)])(
    'states the whole syntax of an id for %j (fault D1)',
    (id) => {
      const message = fault({ LATCHKEY_ADMIN_CLIENT_ID: id });
      expect(message).toBe(
        'LATCHKEY_ADMIN_CLIENT_ID: must be 1 to 64 characters of A-Z a-z 0-9 . _ - and start with a letter or digit',
      );
    },
  );
});

describe('unknownSettings', () => {
  it('names unknown settings that start with LATCHKEY_', () => {
    const env = { LATCHKEY_ISUER: 'x', LATCHKEY_ISSUER: 'x', PATH: 'x', LATCHKEY_DATA_DIR: 'x' };
    expect(unknownSettings(env)).toEqual(['LATCHKEY_ISUER']);
  });
});
