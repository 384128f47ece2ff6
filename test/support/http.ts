import { connect } from 'node:net';
import { rememberSecret, rememberSecretsIn } from './leaks.js';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON value, or `undefined` if the body is not JSON. */
  body: any;
}

type Value = string | number | boolean;
export type Fields =
  | Record<string, Value | readonly Value[] | undefined>
  | readonly (readonly [string, string])[];
type HeaderFields = Record<string, string>;

function encode(fields: Fields | URLSearchParams | string): string {
  if (typeof fields === 'string' || fields instanceof URLSearchParams) return String(fields);
  const search = new URLSearchParams();
  for (const [name, value] of Array.isArray(fields) ? fields : Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined) search.append(name, String(one));
    }
  }
  return String(search);
}

function parse(text: string, contentType: string | null): unknown {
  if (!/[/+]json\b/.test(contentType ?? '')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Any request; redirects are not followed. */
export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(url, { redirect: 'manual', ...init });
  const text = await answer.text();
  const body = parse(text, answer.headers.get('content-type'));
  rememberSecretsIn(body);
  return { status: answer.status, headers: answer.headers, text, body };
}

export function get(url: string, headers: HeaderFields = {}): Promise<Answer> {
  return request(url, { headers });
}

/** POST of `application/x-www-form-urlencoded`; a list repeats its field, `undefined` omits it, a string is sent unchanged. */
export function form(url: string, fields: Fields | URLSearchParams | string, headers: HeaderFields = {}) {
  const body = encode(fields);
  rememberSecretsIn(Object.fromEntries(new URLSearchParams(body)));
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return request(url, { method: 'POST', body, headers: { ...type, ...headers } });
}

/** POST, or another method, of JSON; a string is sent unchanged. */
export function json(url: string, value: unknown, headers: HeaderFields = {}, method = 'POST') {
  rememberSecretsIn(value);
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return request(url, { method, body, headers: { 'content-type': 'application/json', ...headers } });
}

const formEncoded = (text: string) => new URLSearchParams({ t: text }).toString().slice(2);

/** RFC 6749 section 2.3.1: both parts are form-encoded before Base64. */
export function basic(id: string, secret: string): { authorization: string } {
  const credentials = Buffer.from(`${formEncoded(id)}:${formEncoded(secret)}`).toString('base64');
  rememberSecret(credentials);
  if (secret !== id) rememberSecret(secret);
  return { authorization: `Basic ${credentials}` };
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

const QUIET_MS = 500;
const PATIENCE_MS = 10_000;

/** Writes these bytes to a new connection. Returns the whole response, up to the close or half a second of silence. */
export function raw(port: number, text: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    const end = () => {
      socket.destroy();
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    socket.setTimeout(PATIENCE_MS, end);
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      socket.setTimeout(QUIET_MS);
    });
    socket.on('end', end);
    socket.on('error', (error) => (chunks.length > 0 ? end() : reject(error)));
  });
}
