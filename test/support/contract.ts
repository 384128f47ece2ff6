import { expect } from 'vitest';
import { parse } from 'yaml';
import { type Answer, request } from './http.js';
import { rememberSecretsIn } from './leaks.js';
import { compileClosed, faultsOf, operationAt, resolve } from './openapi.js';

type Values = Record<string, string>;

export interface Call {
  /** Of the path's parameters. */
  at?: Values;
  query?: string;
  /** An object as JSON, or as a form if `type` says so; a string unchanged. */
  body?: unknown;
  type?: string;
  headers?: Values;
}

/** Headers of HTTP itself, and those that the document describes elsewhere. */
const UNTOLD = new Set([
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  // Headers of every response, documented once in the description.
  'x-content-type-options',
  'content-security-policy',
  'cross-origin-resource-policy',
  'referrer-policy',
]);

/** A server whose responses are all compared with the document. */
export class Contract {
  /** `METHOD path status` of each response. */
  readonly met = new Set<string>();

  constructor(private readonly url: string) {}

  async call(method: string, path: string, call: Call = {}): Promise<Answer> {
    const { at = {}, query = '', headers = {}, type = 'application/json' } = call;
    const filled = path.replace(/\{(\w+)\}/g, (_, name) => at[name] ?? 'none');
    rememberSecretsIn(call.body);
    const body = call.body === undefined ? {} : { body: encoded(call.body, type) };
    const sent = call.body === undefined ? headers : { 'content-type': type, ...headers };
    const answer = await request(`${this.url}${filled}${query}`, { method, headers: sent, ...body });
    this.met.add(`${method} ${path} ${answer.status}`);
    expect(violations(method, path, answer), `${method} ${filled}${query} ${answer.text}`).toEqual([]);
    return answer;
  }
}

function encoded(body: unknown, type: string): string {
  if (typeof body === 'string') return body;
  return type === 'application/x-www-form-urlencoded'
    ? new URLSearchParams(body as Values).toString()
    : JSON.stringify(body);
}

/** What the document lacks of a response. */
function violations(method: string, path: string, answer: Answer): string[] {
  const { responses } = operationAt(method, path).node;
  if (!responses[answer.status]) return [`the status ${answer.status} is not documented`];
  const { headers = {}, content } = resolve(responses[answer.status]);
  return [...headerFaults(headers, answer), ...bodyFaults(content, answer)];
}

function headerFaults(documented: Record<string, any>, { headers }: Answer): string[] {
  const known = new Map(
    Object.entries(documented).map(([name, node]) => [name.toLowerCase(), resolve(node)]),
  );
  const untold = [...headers.keys()].filter((name) => !known.has(name) && !UNTOLD.has(name));
  const wrong = [...known].flatMap(([name, { required, schema }]) => {
    const text = headers.get(name);
    if (text === null) return required ? [`the header ${name} is missing`] : [];
    const value = resolve(schema).type === 'integer' ? Number(text) : text;
    return faultsOf(compileClosed(schema), value).map((fault) => `the header ${name} ${fault}`);
  });
  return [...untold.map((name) => `the header ${name} is not documented`), ...wrong];
}

function bodyFaults(content: Record<string, any> | undefined, { headers, text, body }: Answer): string[] {
  const type = headers.get('content-type');
  if (!content) return text === '' && type === null ? [] : ['there is a body that is not documented'];
  const essence = type?.split(';')[0] ?? '';
  if (!content[essence]) return [`the media type ${type} is not documented`];
  return faultsOf(compileClosed(content[essence].schema), readAs(essence, text, body));
}

function readAs(type: string, text: string, body: unknown): unknown {
  return type.endsWith('yaml') ? parse(text) : (body ?? text);
}
