import fc from 'fast-check';
import { expect } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { type Answer, basic, form } from '../support/http.js';
import type { TestServer } from '../support/server.js';

interface Family {
  open: boolean;
}

interface Issued {
  token: string;
  client: string;
  format: string;
  family: Family;
  open: boolean;
  refresh: string;
  refreshUsed: boolean;
}

interface Registered {
  secret: string;
  active: boolean;
  deleted: boolean;
  granted: boolean;
}

/** What ought to be true of clients and tokens after any sequence of requests. */
export interface Model {
  clients: Map<string, Registered>;
  tokens: Issued[];
}

/** The server that is asked, with names of its own for each run. */
export interface Real {
  server: TestServer;
  root: Admin;
  prefix: string;
  count: () => void;
}

export const realOf = (server: TestServer, prefix: string, count: () => void): Real => ({
  server,
  root: admin(server),
  prefix,
  count,
});

type Step = (model: Model, real: Real) => Promise<void>;

/** A step that is always possible: where it has nothing to work on, it does nothing. */
class Command implements fc.AsyncCommand<Model, Real> {
  constructor(
    private readonly name: string,
    private readonly step: Step,
  ) {}

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): Promise<void> {
    return this.step(model, real);
  }

  toString(): string {
    return this.name;
  }
}

const SCOPE = 'book:1:read';
const pick = <T>(list: readonly T[], n: number): T | undefined => list[n % Math.max(1, list.length)];
const usable = ({ clients }: Model, id: string) => {
  const client = clients.get(id);
  return client?.active === true && !client.deleted;
};
const isActive = (model: Model, one: Issued) =>
  one.open && one.family.open && usable(model, one.client) && model.clients.get(one.client)?.granted === true;

function ask(
  real: Real,
  path: string,
  fields: Record<string, string>,
  id: string,
  model: Model,
): Promise<Answer> {
  real.count();
  return form(real.server.url + path, fields, basic(id, model.clients.get(id)?.secret ?? 'nobody knows'));
}

async function writeAs(
  real: Real,
  method: 'put' | 'patch' | 'post',
  path: string,
  body: object,
): Promise<Answer> {
  real.count();
  const answer = await real.root[method](path, body);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer;
}

const policyOf = (id: string) => ({
  engine: 'rules',
  link: [{ resourceType: 'Client', id }],
  rules: [{ effect: 'allow', resource: 'book', identifier: '*', operations: ['read'] }],
});

async function create(model: Model, real: Real, format: string): Promise<void> {
  const id = `${real.prefix}-${model.clients.size}`;
  const auth = { client_credentials: { token_format: format, refresh_token: true } };
  const { body } = await writeAs(real, 'post', '/Client', { id, grant_types: ['client_credentials'], auth });
  await writeAs(real, 'put', `/AccessPolicy/${id}`, policyOf(id));
  model.clients.set(id, { secret: body.secret, active: true, deleted: false, granted: true });
}

function endAll(model: Model, id: string): void {
  for (const one of model.tokens) if (one.client === id) one.open = one.family.open = false;
}

const issued = (body: Answer['body'], client: string, format: string, family: Family): Issued => ({
  token: body.access_token,
  client,
  format,
  family,
  open: true,
  refresh: body.refresh_token,
  refreshUsed: false,
});

const STEPS: Record<string, (n: number) => Step> = {
  createJwt: () => (model, real) => create(model, real, 'jwt'),
  createOpaque: () => (model, real) => create(model, real, 'opaque'),
  token: (n) => async (model, real) => {
    const id = pick([...model.clients.keys()], n);
    if (!id) return;
    const answer = await ask(
      real,
      NATIVE.token,
      { grant_type: 'client_credentials', scope: SCOPE },
      id,
      model,
    );
    const expected = usable(model, id) ? (model.clients.get(id)?.granted ? 200 : 400) : 401;
    expect(answer.status, answer.text).toBe(expected);
    if (expected === 200) model.tokens.push(issued(answer.body, id, 'any', { open: true }));
  },
  refresh: (n) => async (model, real) => {
    const one = pick(model.tokens, n);
    if (!one) return;
    const fields = { grant_type: 'refresh_token', refresh_token: one.refresh };
    const { status, body, text } = await ask(real, NATIVE.token, fields, one.client, model);
    if (!usable(model, one.client)) return void expect(status, text).toBe(401);
    const granted = model.clients.get(one.client)?.granted;
    const good = one.family.open && !one.refreshUsed && granted;
    expect(status, text).toBe(good ? 200 : 400);
    if (one.refreshUsed) one.family.open = false;
    if (!good) return;
    one.refreshUsed = true;
    model.tokens.push(issued(body, one.client, one.format, one.family));
  },
  revokeAccess: (n) => async (model, real) => {
    const one = pick(model.tokens, n);
    if (!one) return;
    const { status, text } = await ask(real, '/auth/revoke', { token: one.token }, one.client, model);
    expect(status, text).toBe(usable(model, one.client) ? 200 : 401);
    if (status === 200) one.open = false;
  },
  revokeRefresh: (n) => async (model, real) => {
    const one = pick(model.tokens, n);
    if (!one) return;
    const { status, text } = await ask(real, '/auth/revoke', { token: one.refresh }, one.client, model);
    expect(status, text).toBe(usable(model, one.client) ? 200 : 401);
    if (status === 200) one.family.open = false;
  },
  revokeOfAnother: (n) => async (model, real) => {
    const one = pick(model.tokens, n);
    const other = [...model.clients.keys()].find((id) => id !== one?.client && usable(model, id));
    if (!one || !other) return;
    const { status, text } = await ask(real, '/auth/revoke', { token: one.token }, other, model);
    expect([200, 400], text).toContain(status);
  },
  closeAll: (n) => async (model, real) => {
    const id = pick([...model.clients.keys()], n);
    if (!id) return;
    real.count();
    expect((await real.root.delete(`/Session?client=${id}`)).status).toBe(204);
    endAll(model, id);
  },
  closeOwn: (n) => async (model, real) => {
    const one = pick(model.tokens, n);
    if (!one) return;
    real.count();
    const caller = admin(real.server, { authorization: `Bearer ${one.token}` });
    expect((await caller.delete('/Session')).status).toBe(204);
    // A token that was revoked by itself closes nothing more.
    if (one.open) one.family.open = false;
  },
  toggle: (n) => async (model, real) => {
    const id = pick([...model.clients.keys()], n);
    const client = id === undefined ? undefined : model.clients.get(id);
    if (!id || !client || client.deleted) return;
    client.active = !client.active;
    await writeAs(real, 'patch', `/Client/${id}`, { active: client.active });
    if (!client.active) endAll(model, id);
  },
  remove: (n) => async (model, real) => {
    const id = pick([...model.clients.keys()], n);
    const client = id === undefined ? undefined : model.clients.get(id);
    if (!id || !client || n % 3 > 0) return;
    real.count();
    expect((await real.root.delete(`/Client/${id}`)).status).toBe(204);
    client.deleted = true;
    endAll(model, id);
  },
  regrant: (n) => async (model, real) => {
    const id = pick([...model.clients.keys()], n);
    const client = id === undefined ? undefined : model.clients.get(id);
    if (!id || !client || client.deleted) return;
    client.granted = !client.granted;
    if (client.granted) await writeAs(real, 'put', `/AccessPolicy/${id}`, policyOf(id));
    else expect((await real.root.delete(`/AccessPolicy/${id}`)).status).toBe(204);
  },
};

/** Asks about every token of the model; each is active when the model says so, and exactly inactive otherwise. */
export async function compare(model: Model, real: Real, watcher: { authorization: string }): Promise<void> {
  await Promise.all(
    model.tokens.map(async (one) => {
      real.count();
      const { body } = await form(`${real.server.url}/auth/introspect`, { token: one.token }, watcher);
      if (isActive(model, one))
        expect(body).toMatchObject({ active: true, client_id: one.client, scope: SCOPE });
      else expect(body).toEqual({ active: false });
    }),
  );
}

const lookAll = (watcher: { authorization: string }) => () => (model: Model, real: Real) =>
  compare(model, real, watcher);

/** Any sequence of steps, with looks at all tokens in between. */
export const sequences = (watcher: { authorization: string }) =>
  fc.commands(
    [
      fc.nat(9).map((n) => new Command(`token(${n})`, STEPS.token!(n))),
      fc.nat(9).map((n) => new Command(`token(${n})`, STEPS.token!(n))),
      fc.constant(new Command('look', lookAll(watcher)())),
      ...Object.entries(STEPS).map(([name, make]) =>
        fc.nat(50).map((n) => new Command(`${name}(${n})`, make(n))),
      ),
    ],
    { maxCommands: 40, size: 'max' },
  );
