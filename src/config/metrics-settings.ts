import { isIP } from 'node:net';
import { InvalidSetting } from './invalid-setting.js';
import { type ReadSetting, readPort } from './setting-reader.js';

/** Where metrics are served; a port of their own, so that a proxy in front of the server never publishes them. */
export interface MetricsSettings {
  readonly port: number;
  readonly host: string;
  /** The bearer token of a scrape; absent only on a loopback address. */
  readonly token: string | undefined;
}

const PORT = 'LATCHKEY_METRICS_PORT';
const HOST = 'LATCHKEY_METRICS_HOST';
const TOKEN = 'LATCHKEY_METRICS_TOKEN';

/** RFC 6750 2.1. */
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const MIN_TOKEN_CHARACTERS = 16;
const MAX_TOKEN_CHARACTERS = 255;

/** Absent unless a port is set. */
export function readMetricsSettings(read: ReadSetting, serverPort: number): MetricsSettings | undefined {
  const [portText, hostText, token] = [read(PORT), read(HOST), read(TOKEN)];
  if (portText === undefined) {
    if (hostText !== undefined) throw new InvalidSetting(HOST, `requires ${PORT}`);
    if (token !== undefined) throw new InvalidSetting(TOKEN, `requires ${PORT}`);
    return undefined;
  }
  const port = readPort(PORT, portText);
  if (port === serverPort) throw new InvalidSetting(PORT, 'must differ from PORT');
  const host = hostText ?? '127.0.0.1';
  if (token !== undefined) assertBearerToken(token);
  else if (!isLoopback(host)) {
    throw new InvalidSetting(
      TOKEN,
      `is required because ${HOST} is not a loopback address: set it to a random value (openssl rand -hex 32)`,
    );
  }
  return { port, host, token };
}

function assertBearerToken(token: string): void {
  if (token.length < MIN_TOKEN_CHARACTERS || token.length > MAX_TOKEN_CHARACTERS) {
    throw new InvalidSetting(TOKEN, `must be ${MIN_TOKEN_CHARACTERS} to ${MAX_TOKEN_CHARACTERS} characters`);
  }
  if (!BEARER_TOKEN.test(token)) {
    throw new InvalidSetting(TOKEN, 'must consist of A-Z a-z 0-9 . _ ~ + / - and may end with = signs');
  }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
