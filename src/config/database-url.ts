import path from 'node:path';
import { faultOfList, hostList, isRepeated } from './host-list.js';
import { InvalidSetting } from './invalid-setting.js';
import { isLoopback } from './issuer-settings.js';
import type { DatabaseSettings, DatabaseTls, HostAddress, ServerSettings } from './settings.js';

const SETTING = 'DATABASE_URL';

/** The database servers by the scheme of their URL. */
const SERVERS: Readonly<Record<string, Pick<ServerSettings, 'engine' | 'port'>>> = {
  mysql: { engine: 'mysql', port: 3306 },
  mariadb: { engine: 'mysql', port: 3306 },
  postgres: { engine: 'postgres', port: 5432 },
  postgresql: { engine: 'postgres', port: 5432 },
};
/** A process that searches for a usable one connects to all of them. */
const MAX_HOSTS = 16;
const TLS_MODES = ['off', 'require', 'verify'] as const;
const PARAMETERS = ['tls', 'tls_ca', 'tls_cert', 'tls_key', 'tls_name', 'socket'] as const;

type Parameter = (typeof PARAMETERS)[number];
type Parameters = Partial<Record<Parameter, string>>;

/** Parameter names of other drivers, compared without case, `-` and `_`. */
const OTHER_SPELLINGS: readonly (readonly [RegExp, string])[] = [
  [/^(ssl|tls)(ca|rootcert|capath|cafile)$/, 'tls=verify&tls_ca=/path/to/ca.pem'],
  [/^(ssl|tls)(cert|key|clientcert|clientkey)$/, 'tls_cert=/path/to/cert.pem&tls_key=/path/to/key.pem'],
  [/^(servername|sni|tlsservername)$/, 'tls_name=host'],
  [/^(use|require|force|verify|enable)?(ssl|tls)/, 'tls=verify or tls=require'],
  [/^(rejectunauthorized|trustservercertificate|verifyservercertificate)$/, 'tls=verify or tls=require'],
  [/^(unixsocket|socketpath|sock)$/, 'socket=/path/to/socket'],
];

/** The only reader of `DATABASE_URL`: every connection is opened from what this returns, never from the text. */
export function readDatabaseUrl(value: string | undefined, dataDir: string): DatabaseSettings {
  if (value === undefined) return { engine: 'sqlite', file: path.join(dataDir, 'latchkey.sqlite') };
  if (value.startsWith('sqlite:')) return readSqlite(value.slice('sqlite:'.length));
  const [, scheme = ''] = /^([a-z]+):\/\//.exec(value) ?? [];
  const server = Object.hasOwn(SERVERS, scheme) ? SERVERS[scheme] : undefined;
  if (server) return readServer(value, server);
  throw malformed(value);
}

/** The hosts to which traffic can be read on the network. */
export function plainRemoteHosts(database: DatabaseSettings): string[] {
  if (!('host' in database) || database.tls || database.socket !== undefined) return [];
  return [database, ...database.otherHosts]
    .map(({ host }) => host)
    .filter((host) => !isLoopback(host.includes(':') ? `[${host}]` : host));
}

function readSqlite(file: string): DatabaseSettings {
  if (file === '' || file.startsWith(':memory:')) wrong('sqlite: must be followed by the path of a file');
  if (/[?#]/.test(file)) wrong('sqlite: does not support parameters: the path must not contain ? or #');
  if (/^\/\/(?!\/)/.test(file)) {
    wrong('sqlite:// is not supported: use sqlite:relative/path or sqlite:/absolute/path');
  }
  return { engine: 'sqlite', file: path.resolve(file) };
}

function readServer(
  value: string,
  { engine, port: defaultPort }: Pick<ServerSettings, 'engine' | 'port'>,
): ServerSettings {
  const [address = '', query, ...more] = value.split('?');
  if (more.length > 0 || value.includes('#') || query?.includes('@')) throw malformed(value);
  const urls = urlsOf(value, address);
  const { username, password, pathname } = urls[0] as URL;
  // An unescaped / in a password ends the host early; the rest of the user and host is then in the path.
  if (/[@/]/.test(pathname.slice(1))) throw malformed(value);
  const parameters = readParameters(query ?? '');
  const [first, ...otherHosts] = urls.map(({ hostname, port }): HostAddress => {
    if (port === '0') throw wrongPort();
    return {
      host: decoded(value, hostname).replace(/^\[(.*)\]$/, '$1'),
      port: Number(port || defaultPort),
    };
  }) as [HostAddress, ...HostAddress[]];
  const { socket } = parameters;
  const database = decoded(value, pathname.slice(1));
  if (otherHosts.length > 0) assertUsableTogether([first, ...otherHosts], socket);
  if (first.host === '' && socket === undefined) throw malformed(value);
  if (database === '') wrong('must name a database after the host, as in host:port/database');
  // Its driver would take another one from the environment.
  if (engine === 'postgres' && username === '') throw malformed(value);
  if (socket !== undefined && !path.isAbsolute(socket)) wrong('socket must be an absolute path');
  const tls = readTls(parameters);
  if (socket !== undefined && tls) wrong('tls cannot be combined with socket');
  return {
    engine,
    ...first,
    otherHosts,
    socket,
    user: decoded(value, username),
    password: decoded(value, password),
    database,
    tls,
  };
}

/** One URL for each host. */
function urlsOf(value: string, address: string): URL[] {
  const { entries, urlOf } = hostList(address);
  if (/@[^/@]*,[^/]*@/.test(address)) wrong('must name user and password once, before the list of hosts');
  const isList = entries.length > 1 || /[;\s]/.test(entries.join());
  const fault = isList ? faultOfList(entries) : undefined;
  if (fault === 'empty') wrong('the list of hosts has an empty entry: write host:port,host:port');
  if (fault === 'malformed') throw malformed(value);
  return entries.map(urlOf).map((url) => {
    if (!URL.canParse(url)) throw hasWrongPort(url) ? wrongPort() : malformed(value);
    return new URL(url);
  });
}

function assertUsableTogether(hosts: readonly HostAddress[], socket: string | undefined): void {
  if (hosts.length > MAX_HOSTS) wrong(`must name at most ${MAX_HOSTS} hosts`);
  if (isRepeated(hosts)) wrong('names the same host and port more than once');
  if (socket !== undefined) wrong('socket cannot be combined with several hosts');
}

/** Whether the address would be a URL with another port. */
const hasWrongPort = (address: string): boolean =>
  /:\d+(\/[^/@]*)?$/.test(address) && URL.canParse(address.replace(/:\d+((\/[^/@]*)?)$/, '$1'));

const wrongPort = (): InvalidSetting => new InvalidSetting(SETTING, 'the port must be 1 to 65535');

function readParameters(query: string): Parameters {
  const parameters: Parameters = {};
  for (const pair of query.split('&').filter(Boolean)) {
    const end = pair.includes('=') ? pair.indexOf('=') : pair.length;
    const name = pair.slice(0, end);
    const known = PARAMETERS.find((one) => one === name);
    if (!known) throw unknown(name);
    if (parameters[known] !== undefined) wrong(`contains the parameter ${known} twice`);
    const text = decoded(pair, pair.slice(end + 1));
    if (text === '') wrong(`the parameter ${known} has no value`);
    parameters[known] = text;
  }
  return parameters;
}

function readTls(parameters: Parameters): DatabaseTls | undefined {
  const { tls, tls_ca: caFile, tls_cert: certFile, tls_key: keyFile, tls_name: name } = parameters;
  const mode = TLS_MODES.find((one) => one === (tls ?? 'off'));
  if (mode === undefined) {
    wrong(`tls must be off, require (encrypted, any certificate) or verify (encrypted, certificate checked)`);
  }
  const given = PARAMETERS.filter((one) => one.startsWith('tls_') && parameters[one] !== undefined);
  if (mode === 'off') {
    if (given.length > 0)
      wrong(`${given[0]} requires tls=verify${given[0] === 'tls_cert' ? ' or tls=require' : ''}`);
    return undefined;
  }
  if (mode === 'require' && (caFile ?? name) !== undefined) {
    wrong(
      `${caFile === undefined ? 'tls_name' : 'tls_ca'} requires tls=verify: tls=require does not check the certificate`,
    );
  }
  if ((certFile === undefined) !== (keyFile === undefined))
    wrong('tls_cert and tls_key must be set together');
  return { verify: mode === 'verify', caFile, certFile, keyFile, name };
}

function unknown(name: string): InvalidSetting {
  const plain = name.toLowerCase().replaceAll(/[-_]/g, '');
  const hint = OTHER_SPELLINGS.find(([spelling]) => spelling.test(plain))?.[1];
  // Only what looks like a name is shown: after a typing error it may contain part of a password.
  const shown = /^[A-Za-z][\w-]{0,39}$/.test(name) ? `the unknown parameter ${name}` : 'an unknown parameter';
  const known = `supported parameters are ${PARAMETERS.join(', ')}`;
  return new InvalidSetting(SETTING, `contains ${shown}; ${hint ? `use ${hint}; ` : ''}${known}`);
}

/** Percent-decoded as the drivers do it. Servers end a name at a NUL. */
function decoded(whole: string, text: string): string {
  try {
    const plain = decodeURIComponent(text);
    if (!plain.includes('\0')) return plain;
  } catch {
    // Not percent-encoded.
  }
  throw malformed(whole);
}

function malformed(value: string): InvalidSetting {
  const encoded = value.includes('@') ? '; percent-encode @ : / # ? % in user and password (%2F for /)' : '';
  return new InvalidSetting(
    SETTING,
    `must be sqlite:path, or mysql:// or postgres:// and user:password@host:port/database${encoded}`,
  );
}

function wrong(message: string): never {
  throw new InvalidSetting(SETTING, message);
}
