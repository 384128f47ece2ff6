import { randomUUID } from 'node:crypto';
import { admin } from './admin.js';
import type { Dialect } from './dialects.js';
import { type Answer, basic, type Fields, form } from './http.js';
import { openRows } from './rows.js';
import type { TestServer } from './server.js';

type Members = Record<string, unknown>;

/** Writes a Client, Resource or AccessPolicy; fails the test if the server rejects it. */
export async function register(
  server: TestServer,
  type: string,
  id: string,
  members: Members,
): Promise<void> {
  const answer = await admin(server).put(`/${type}/${id}`, members);
  if (answer.status > 201) throw new Error(`PUT /${type}/${id}: ${answer.status} ${answer.text}`);
}

export function aResource(server: TestServer, id: string, operations: string[], members: Members = {}) {
  return register(server, 'Resource', id, { operations: operations.map((name) => ({ name })), ...members });
}

/** Gives a resource operations that a write would reject, as an earlier version may have stored them. */
export async function storeOperations(server: TestServer, id: string, names: string[]): Promise<void> {
  const rows = await openRows(server);
  const operations = JSON.stringify(names.map((name) => ({ name })));
  try {
    await rows.all('UPDATE resource SET operations = ? WHERE id = ?', [operations, id]);
  } finally {
    await rows.close();
  }
  // Another write makes the server reload its resources.
  const { status, text } = await admin(server).patch(`/Resource/${id}`, { name: 'Stored earlier' });
  if (status !== 200) throw new Error(`PATCH /Resource/${id}: ${status} ${text}`);
}

/** Makes the client's secret appear stored by another process and not yet verified by this one. */
export async function storedElsewhere(server: TestServer, client: TestClient): Promise<TestClient> {
  const rows = await openRows(server);
  try {
    await rows.all('UPDATE client_secret SET id = ? WHERE client_id = ?', [randomUUID(), client.id]);
  } finally {
    await rows.close();
  }
  // Another write makes the server reload its clients.
  const { status, text } = await admin(server).patch(`/Client/${client.id}`, { name: 'Stored elsewhere' });
  if (status !== 200) throw new Error(`PATCH /Client/${client.id}: ${status} ${text}`);
  return client;
}

/** A registered client, and its token requests. */
export class TestClient {
  constructor(
    private readonly server: TestServer,
    readonly id: string,
    readonly secret: string,
  ) {}

  get basic(): { authorization: string } {
    return basic(this.id, this.secret);
  }

  get inBody(): { client_id: string; client_secret: string } {
    return { client_id: this.id, client_secret: this.secret };
  }

  /** POST to a dialect's token endpoint with Basic; `client_credentials` unless the fields have another grant type. */
  ask(
    dialect: Dialect,
    fields: Record<string, string | string[]> = {},
    headers: Record<string, string> = {},
  ) {
    return this.post(dialect, { grant_type: 'client_credentials', ...fields }, headers);
  }

  /** The same with exactly these fields. */
  post(dialect: Dialect, fields: Fields | string, headers: Record<string, string> = {}): Promise<Answer> {
    return form(this.server.url + dialect.token, fields, { ...this.basic, ...headers });
  }

  /** A new access token; fails the test if there is none. */
  async token(dialect: Dialect, fields: Record<string, string | string[]> = {}): Promise<string> {
    const { status, text, body } = await this.ask(dialect, fields);
    if (status !== 200) throw new Error(`no token at ${dialect.token}: ${status} ${text}`);
    return body.access_token;
  }
}

/** `book:1:read,write` allows, `!book:2:*` denies. */
function ruleOf(text: string): Members {
  const [resource, identifier, ...operations] = text.replace(/^!/, '').split(':');
  const effect = text.startsWith('!') ? 'deny' : 'allow';
  return { effect, resource, identifier, operations: operations.join(':').split(',') };
}

let made = 0;

/** A client to be registered, and its permissions. */
export class ClientBuilder {
  private members: Members = { grant_types: ['client_credentials'] };
  private tokens: Members = {};
  private policy: Members | undefined;

  constructor(
    private readonly server: TestServer,
    private readonly id: string,
  ) {}

  /** Members of the client, such as `active`. */
  with(members: Members): this {
    Object.assign(this.members, members);
    return this;
  }

  /** Members of its `auth.client_credentials`. */
  withTokens(members: Members): this {
    Object.assign(this.tokens, members);
    return this;
  }

  /** A policy with these rules. */
  withGrant(...rules: string[]): this {
    this.policy = { engine: 'rules', rules: rules.map(ruleOf) };
    return this;
  }

  /** A policy with the engine `allow`. */
  withEverything(): this {
    this.policy = { engine: 'allow' };
    return this;
  }

  /** Without it the server generates one. */
  async register(): Promise<TestClient> {
    const auth = { client_credentials: this.tokens };
    const answer = await admin(this.server).post('/Client', { id: this.id, auth, ...this.members });
    if (answer.status !== 201) throw new Error(`POST /Client ${this.id}: ${answer.status} ${answer.text}`);
    const link = [{ resourceType: 'Client', id: this.id }];
    if (this.policy) await register(this.server, 'AccessPolicy', this.id, { ...this.policy, link });
    return new TestClient(this.server, this.id, String(this.members.secret ?? answer.body.secret ?? ''));
  }
}

/** A client with a unique id unless one is given, so that the tests of a file are independent. */
export const aClient = (server: TestServer, id = `client-${++made}`) => new ClientBuilder(server, id);

/** Replaces a client's policy; it applies from the next request on. */
export const regrant = (server: TestServer, client: TestClient, ...rules: string[]) =>
  register(server, 'AccessPolicy', client.id, {
    engine: 'rules',
    link: [{ resourceType: 'Client', id: client.id }],
    rules: rules.map(ruleOf),
  });
