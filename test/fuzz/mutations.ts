import fc from 'fast-check';
import { stringify } from 'yaml';
import { changed, damaged, oddText, oddValue } from './odd-values.js';
import { TEMPLATES, type Template } from './valid-requests.js';

/** The `Authorization` of each caller; of bearers there are many, because requests close some. */
export interface Callers {
  client: string;
  root: string;
  bearers: string[];
}

export interface RawRequest {
  method: string;
  target: string;
  bytes: Buffer;
  /** Head and length are sound, so that there is exactly one answer. */
  whole: boolean;
  /** Nothing in the head can keep it from being read. */
  readable: boolean;
  /** The only statuses that its head leaves. */
  owed?: readonly number[] | undefined;
}

interface Parts {
  method: string;
  target: string;
  headers: string[];
  body: Buffer;
  whole: boolean;
  readable: boolean;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND', 'CONNECT'];
const TYPES = [
  'application/json',
  'application/x-www-form-urlencoded',
  'text/yaml',
  'application/yaml; charset=utf-8',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded; charset=latin1',
  'text/plain',
  'multipart/form-data; boundary=x',
  'application/json, text/yaml',
  ';',
  '',
];
const HEADERS = [
  'Accept: application/token-introspection+jwt',
  'Accept: text/yaml;q=2, */*;q=x',
  `Accept: ${'a/b,'.repeat(1500)}a/b`,
  'Accept-Encoding: gzip, br',
  'Content-Encoding: gzip',
  'Content-Encoding: identity',
  'If-Match: "1"',
  'If-Match: W/"x", *',
  'If-None-Match: *',
  'Connection: upgrade',
  'Upgrade: h2c',
  'Expect: 200-maybe',
  'Cookie: a=b',
  'Host: evil.example',
  'Host: a b',
  'X-Forwarded-For: 1.2.3.4',
  'Origin: null',
  'Content-Type: text/plain',
  'Authorization: Bearer x',
  'Authorization: Basic',
  'Authorization: Digest a=b',
  `X-Long: ${'y'.repeat(9000)}`,
];

const encoded = (fields: Record<string, unknown>) =>
  Object.entries(fields)
    .map(
      ([name, value]) =>
        `${encode(name)}=${encode(typeof value === 'string' ? value : JSON.stringify(value))}`,
    )
    .join('&');
/** Halves of characters become what UTF-8 has in their place. */
const wellFormed = (text: string) => Buffer.from(text).toString();
const encode = (text: string | undefined) => encodeURIComponent(wellFormed(text ?? ''));

function authorizationOf(
  { as }: Template,
  { client, root, bearers }: Callers,
  g: fc.GeneratorValue,
): string[] {
  if (as === 'nobody') return [];
  const bearer = `Bearer ${bearers[g(fc.nat, bearers.length - 1)]}`;
  return [`Authorization: ${{ client, root, bearer }[as]}`];
}

function written({ form, document }: Template, g: fc.GeneratorValue): { type?: string; text: string } {
  if (form) return { type: 'application/x-www-form-urlencoded', text: encoded(form) };
  if (!document) return { text: '' };
  if ('grant_type' in document || 'token' in document || g(fc.nat, 3) > 0)
    return { type: 'application/json', text: JSON.stringify(document) };
  return { type: 'text/yaml', text: stringify(JSON.parse(JSON.stringify(document))) };
}

function partsOf(template: Template, callers: Callers, g: fc.GeneratorValue): Parts {
  const { type, text } = written(template, g);
  const query = template.query ? `?${encoded(template.query)}` : '';
  return {
    method: template.method,
    target: template.path + query,
    headers: [...authorizationOf(template, callers, g), ...(type ? [`Content-Type: ${type}`] : [])],
    body: Buffer.from(text),
    whole: true,
    readable: true,
  };
}

/** Values of the form, the document or the query are others. */
function withOtherValues(template: Template, g: fc.GeneratorValue): Template {
  const { form, document, query } = template;
  const another = (value: object | undefined) => changed(value, g) as Record<string, never>;
  if (form) return { ...template, form: another(form) };
  if (document) return { ...template, document: another(document) };
  return { ...template, query: another(query ?? { _count: '1' }) };
}

function withOtherTarget(parts: Parts, g: fc.GeneratorValue): Parts {
  const [path = '', query = ''] = parts.target.split('?');
  const odd = encode(g(() => oddText)).slice(0, 6000);
  const last = path.replace(/[^/]+$/, odd);
  const place = g(fc.nat, path.length - 1);
  const target = [
    () => `${last}?${query}`,
    () => `${path}/${odd}?${query}`,
    () => `${path}?${query}&${odd}=${odd}`,
    () => `${path}?${query}&${query}`,
    () => `${path.slice(0, place)}%${(path.charCodeAt(place) || 47).toString(16)}${path.slice(place + 1)}`,
    () => `${path}?${'%'.repeat(g(fc.nat, 20))}${odd}`,
    () => path.toUpperCase(),
    () => `/${path}`,
    () => `${path}?${'a=b&'.repeat(1500)}`,
  ][g(fc.nat, 8)]!();
  return { ...parts, target };
}

function withOtherHead(parts: Parts, g: fc.GeneratorValue): Parts {
  const added = Array.from({ length: g(fc.integer, { min: 1, max: 3 }) }, () =>
    g(fc.constantFrom, ...HEADERS),
  );
  const type = `Content-Type: ${g(fc.constantFrom, ...TYPES)}`;
  const headers = [
    () => [...parts.headers, ...added],
    () => [...parts.headers, ...parts.headers],
    () => [...parts.headers.filter((line) => !line.startsWith('Content-Type')), type],
    () => parts.headers.filter((line) => !line.startsWith('Authorization')),
    () => parts.headers.map((line) => (g(fc.nat, 9) === 0 ? line.slice(0, -3) : line.toUpperCase())),
  ][g(fc.nat, 4)]!();
  return { ...parts, headers, readable: false };
}

function withOtherBody(parts: Parts, g: fc.GeneratorValue): Parts {
  const body = [
    () => damaged(parts.body, g),
    () => damaged(parts.body, g),
    () => Buffer.concat([parts.body, parts.body]),
    () => Buffer.from(JSON.stringify(g(() => oddValue))),
    () => Buffer.from(`${'{"a":'.repeat(g(fc.nat, 3000))}1`),
    () => Buffer.from(`a: &a [x, *a]\n${'- '.repeat(500)}`),
    () => Buffer.alloc(g(fc.nat, 70_000), g(fc.nat, 255)),
  ][g(fc.nat, 6)]!();
  return { ...parts, body };
}

function joined({ method, target, headers, body }: Parts, framing: string[]): Buffer {
  const head = [`${method} ${target} HTTP/1.1`, 'Host: localhost', ...headers, ...framing];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
}

const lengthOf = ({ body }: Parts) => `Content-Length: ${body.length}`;

/** The framing lies, or bytes anywhere are others. */
function broken(parts: Parts, g: fc.GeneratorValue): Buffer {
  const length = lengthOf(parts);
  const n = g(fc.nat, 200);
  return [
    () => damaged(joined(parts, [length]), g),
    () => damaged(joined(parts, [length]), g),
    () => joined(parts, [`Content-Length: ${n}`]),
    () => joined(parts, [length, 'Transfer-Encoding: chunked']),
    () => joined(parts, ['Transfer-Encoding: chunked']),
    () => joined(parts, ['Transfer-Encoding: gzip, chunked']),
    () => joined({ ...parts, headers: [...parts.headers, 'Host: x'] }, [length]),
    () => joined(parts, [length, `Content-Length: ${n}`]),
    () => joined(parts, [`Content-Length: -${n}`]),
    () => joined(parts, [length]).subarray(0, n),
    () => Buffer.concat([joined(parts, [length]), joined(parts, [length])]),
    () => Buffer.concat([Buffer.from('\0\r\n'), joined(parts, [length])]),
    () => joined({ ...parts, headers: [...parts.headers, 'X: \0', ' folded', ':'] }, [length]),
    () => Buffer.alloc(n + 1, g(fc.nat, 255)),
  ][g(fc.nat, 13)]!();
}

/** The administrator stays whom the rest of the requests need. */
const sparesRoot = ({ method, target }: Parts) =>
  ['GET', 'HEAD'].includes(method) ||
  !/root/i.test(decodeURIComponent(target.replace(/%(?![0-9a-f]{2})/gi, '')));

/** A head whose lines say two things, or that its body is not what it looks like, is never served. */
function owedTo({ method, target, headers }: Parts): number[] | undefined {
  const lines = (name: RegExp) => headers.filter((line) => name.test(line));
  if (lines(/^host:/i).length > 0) return [400, 414, 431];
  const ignoresTypes = method === 'DELETE' || target.startsWith('/auth/verify');
  if (!ignoresTypes && lines(/^content-type:/i).length > 1) return [400, 414, 431];
  const encoded = lines(/^content-encoding:/i).some((line) => !/identity$/i.test(line));
  if (method === 'POST' && OAUTH_ENDPOINT.test(target) && encoded) return [400, 414, 415, 431];
  return undefined;
}

const OAUTH_ENDPOINT = /^\/(auth|oauth|oidc)\/(token|introspect|revoke)/;

/** One request: a valid one, changed in one way or two. */
export function mutation(callers: Callers, g: fc.GeneratorValue): RawRequest {
  const template = g(fc.constantFrom, ...TEMPLATES);
  const kind = g(fc.nat, 19);
  let parts = partsOf(kind < 7 ? withOtherValues(template, g) : template, callers, g);
  if (kind >= 5 && kind < 9) parts = withOtherTarget(parts, g);
  if (kind >= 9 && kind < 13) parts = withOtherBody(parts, g);
  if (kind >= 12 && kind < 15) parts = withOtherHead(parts, g);
  if (kind === 15) parts = { ...parts, method: g(fc.constantFrom, ...METHODS) };
  if (!safeTarget(parts)) parts = { ...parts, target: template.path };
  const whole = kind < 17;
  const bytes = whole ? joined(parts, [lengthOf(parts)]) : broken(parts, g);
  const { method, target } = parts;
  const owed = whole && target === template.path ? owedTo(parts) : undefined;
  return { method, target, bytes, whole, readable: parts.readable && whole, owed };
}

function safeTarget(parts: Parts): boolean {
  try {
    return sparesRoot(parts);
  } catch {
    return true;
  }
}
