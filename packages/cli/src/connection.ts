import { Failure, failureOf } from './failure.js';
import type { Credentials } from './profiles.js';

/** A document of the administration API. */
export type JsonObject = { [member: string]: unknown };

export interface Answer {
  status: number;
  body: JsonObject;
}

const PAGE_SIZE = 1000;
const FORM = 'application/x-www-form-urlencoded';

/** The server as one caller. */
export class Connection {
  readonly clientId: string | undefined;
  private readonly base: string;
  private readonly authorization: string;

  constructor({ url, clientId, clientSecret, token }: Credentials) {
    this.base = url.replace(/\/+$/, '');
    this.clientId = clientId;
    this.authorization = token
      ? `Bearer ${token}`
      : `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  }

  get url(): string {
    return this.base;
  }

  /** Throws a Failure for everything but success. */
  async send(
    method: string,
    path: string,
    body?: JsonObject,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await this.attempt(method, path, body, headers);
    if (answer.status >= 400) throw failureOf(answer.status, `${method} ${path}`, answer.body);
    return answer;
  }

  async attempt(
    method: string,
    path: string,
    body?: JsonObject,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return this.fetch(method, path, {
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  /** The server's time; undefined if it sends none. */
  async date(): Promise<number | undefined> {
    const answer = await this.answerOf(new URL('/health/live', `${this.base}/`), {});
    const date = Date.parse(answer.headers.get('date') ?? '');
    return Number.isNaN(date) ? undefined : date;
  }

  /** A request of an OAuth endpoint. */
  async form(path: string, fields: Record<string, string>): Promise<JsonObject> {
    const { status, body } = await this.fetch('POST', path, {
      headers: { 'content-type': FORM },
      body: new URLSearchParams(fields).toString(),
    });
    if (status >= 400) throw failureOf(status, `POST ${path}`, body);
    return body;
  }

  /** Every document of a type. */
  async all(type: string, query = ''): Promise<JsonObject[]> {
    const found: JsonObject[] = [];
    let next: string | undefined = `/${type}?_count=${PAGE_SIZE}${query === '' ? '' : `&${query}`}`;
    while (next !== undefined) {
      const { body }: Answer = await this.send('GET', next);
      const entries = (body.entry ?? []) as { resource: JsonObject }[];
      found.push(...entries.map(({ resource }) => resource));
      const links = (body.link ?? []) as { relation: string; url: string }[];
      next = links.find(({ relation }) => relation === 'next')?.url;
    }
    return found;
  }

  private async fetch(
    method: string,
    path: string,
    init: { headers: Record<string, string>; body?: string },
  ): Promise<Answer> {
    const address = new URL(path, `${this.base}/`);
    // The credentials are for this server only.
    if (address.origin !== new URL(this.base).origin)
      throw new Failure(`the server refers to ${address.origin}`);
    const answer = await this.answerOf(address, {
      ...init,
      method,
      headers: { accept: 'application/json', authorization: this.authorization, ...init.headers },
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? {} : parsed(text, answer.status) };
  }

  private async answerOf(address: URL, init: RequestInit): Promise<Response> {
    try {
      return await fetch(address, { ...init, redirect: 'error' });
    } catch (error) {
      const { cause } = error as { cause?: { code?: string; message?: string } };
      throw new Failure(`${this.base} cannot be reached: ${cause?.code ?? cause?.message ?? String(error)}`);
    }
  }
}

function parsed(text: string, status: number): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    throw new Failure(
      `the server answered ${status} with something other than JSON: is this Latchkey's address?`,
    );
  }
}
