import { randomUUID } from 'node:crypto';
import { admin } from './admin.js';
import type { Dialect } from './dialects.js';
import { type Answer, basic, type Fields, form } from './http.js';
import { openRows } from './rows.js';
import type { TestServer } from './server.js';

type Members = Record<string, unknown>;

/** Writes a Client, Resource or AccessPolicy; fails the test when the server refuses it. */
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

/** Gives a resource operations that a write would refuse, as an earlier version may have stored them. */
export async function storeOperations(server: TestServer, id: string, names: string[]): Promise<void> {
  const rows = await openRows(server);
  const operations = JSON.stringify(names.map((name) => ({ name })));
  try {
    await rows.all('UPDATE resource SET operations = ? WHERE id = ?', [operations, id]);
  } finally {
    await rows.close();
  }
  // Another write shows the server that its resources have changed.
  const { status, text } = await admin(server).patch(`/Resource/${id}`, { name: 'Stored earlier' });
  if (status !== 200) throw new Error(`PATCH /Resource/${id}: ${status} ${text}`);
}

/** Lets the client's secret look as if another process had stored it, which this one has never verified. */
export async function storedElsewhere(server: TestServer, client: TestClient): Promise<TestClient> {
  const rows = await openRows(server);
  try {
    await rows.all('UPDATE client_secret SET id = ? WHERE client_id = ?', [randomUUID(), client.id]);
  } finally {
    await rows.close();
  }
  // Another write shows the server that its clients have changed.
  const { status, text } = await admin(server).patch(`/Client/${client.id}`, { name: 'Stored elsewhere' });
  if (status !== 200) throw new Error(`PATCH /Client/${client.id}: ${status} ${text}`);
  return client;
}

/** A registered client, and how it asks for tokens. */
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

  /** POST to a dialect's token endpoint with Basic; `client_credentials` unless the fields say otherwise. */
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

  /** A new access token; fails the test when there is none. */
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

/** A client that is about to be registered, and what it may do. */
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

  /** Without a secret of its own the server makes one. */
  async register(): Promise<TestClient> {
    const auth = { client_credentials: this.tokens };
    const answer = await admin(this.server).post('/Client', { id: this.id, auth, ...this.members });
    if (answer.status !== 201) throw new Error(`POST /Client ${this.id}: ${answer.status} ${answer.text}`);
    const link = [{ resourceType: 'Client', id: this.id }];
    if (this.policy) await register(this.server, 'AccessPolicy', this.id, { ...this.policy, link });
    return new TestClient(this.server, this.id, String(this.members.secret ?? answer.body.secret ?? ''));
  }
}

/** A client under a name of its own unless one is given, so that tests of one file never meet. */
export const aClient = (server: TestServer, id = `client-${++made}`) => new ClientBuilder(server, id);

/** Takes the place of a client's policy; the next request is decided by it. */
export const regrant = (server: TestServer, client: TestClient, ...rules: string[]) =>
  register(server, 'AccessPolicy', client.id, {
    engine: 'rules',
    link: [{ resourceType: 'Client', id: client.id }],
    rules: rules.map(ruleOf),
  });
