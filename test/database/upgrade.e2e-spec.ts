import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrations } from '../../migrations/index.js';
import { readDatabaseUrl } from '../../src/config/database-url.js';
import { loadEngine } from '../../src/database/engines.js';
import { SCHEMA, TABLES } from '../../src/database/schema/tables.js';
import { admin } from '../support/admin.js';
import { emptyServer } from '../support/backup.js';
import { NATIVE } from '../support/dialects.js';
import { type Answer, form, get } from '../support/http.js';
import { launch } from '../support/launch.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { freePort } from '../support/port.js';
import { aClient, type TestClient } from '../support/registration.js';
import { openRows, type Rows } from '../support/rows.js';
import { shapeOf } from '../support/schema.js';
import { startServer, type TestServer } from '../support/server.js';

type Row = Record<string, unknown>;

/** Later migrations, or a start, write these anew; the chain of a schema without it is empty. */
const NOT_COPIED = /^(audit_|clock_mark|restore_mark|configuration_revision|failure_count|session_note)/;

/** After the creation of its client: an earlier client may have had the id. */
const EARLY_USE = Date.now() + 60 * 60 * 1000;

let first: TestServer;
let client: TestClient;
let reader: TestClient;
let open: Row;
let jwt: string;
let closed: string;
let early: TestClient;
/** The first schema without the uses of before. */
const USES_COPIED = SCHEMA.indexOf('LastUseOfSecrets1764000540000') + 1;
let tables: Map<string, Row[]>;

const databaseOf = ({ databaseUrl, dataDir }: TestServer) =>
  readDatabaseUrl(databaseUrl ?? `sqlite:${dataDir}/latchkey.sqlite`, dataDir);

async function withRows<T>(server: TestServer, work: (rows: Rows) => Promise<T>): Promise<T> {
  const rows = await openRows(server);
  try {
    return await work(rows);
  } finally {
    await rows.close();
  }
}

/** The schema of an earlier version. */
async function createSchema(server: TestServer, version: number): Promise<void> {
  const engine = await loadEngine(databaseOf(server));
  engine.prepare();
  const options = { ...engine.dataSourceOptions(true), migrations: migrations.slice(0, version) };
  const dataSource = await new DataSource(options).initialize();
  await dataSource.runMigrations({ transaction: 'each' });
  await dataSource.destroy();
}

/** As versions before the table `last_use` recorded the use of a secret. */
async function useEarly(server: TestServer): Promise<void> {
  await withRows(server, (rows) =>
    rows.all('UPDATE client_secret SET last_used_at = ? WHERE client_id = ?', [EARLY_USE, early.id]),
  );
}

/** Puts the rows into the columns that this schema has. */
async function fill(server: TestServer): Promise<void> {
  await withRows(server, async (rows) => {
    for (const { name } of TABLES.filter((table) => !NOT_COPIED.test(table.name))) {
      for (const row of tables.get(name) ?? []) await insert(rows, name, row);
    }
  });
}

async function insert(rows: Rows, table: string, row: Row): Promise<void> {
  const columns: string[] = [];
  for (const column of Object.keys(row)) {
    const exists = await rows.all(`SELECT ${column} FROM ${table} WHERE 1 = 0`).then(
      () => true,
      () => false,
    );
    if (exists) columns.push(column);
  }
  const places = columns.map(() => '?').join(', ');
  const values = columns.map((column) => row[column]);
  await rows.all(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`, values).catch((error) => {
    // Seeded by a migration, or a table of a later version.
    if (columns.length > 0 && !/duplicate|unique/i.test(String(error))) throw error;
  });
}

async function besideFirst(): Promise<TestServer> {
  const server = await emptyServer(first);
  server.env.PORT = String(await freePort());
  return server;
}

const introspect = (server: TestServer, token: unknown): Promise<Answer> =>
  form(`${server.url}/auth/introspect`, { token: String(token) }, reader.basic);

/** What was valid before the upgrade is valid, and what was closed is closed. */
async function expectCarriedOver(server: TestServer, hasEarlyUse: boolean): Promise<void> {
  const asked = await form(
    server.url + NATIVE.token,
    { grant_type: 'client_credentials', ...READ_BOOK_1 },
    client.basic,
  );
  expect([asked.status, asked.body.scope]).toEqual([200, 'book:1:read']);
  for (const token of [open.access_token, jwt]) {
    expect((await introspect(server, token)).body).toMatchObject({ active: true });
  }
  expect((await introspect(server, closed)).body).toEqual({ active: false });
  const refreshed = await form(
    server.url + NATIVE.token,
    { grant_type: 'refresh_token', refresh_token: String(open.refresh_token) },
    client.basic,
  );
  expect(refreshed.status).toBe(200);
  expect((await get(`${server.url}/health/ready`)).status).toBe(200);
  if (!hasEarlyUse) return;
  const { body } = await admin(server).get(`/Client/${early.id}`);
  const time = new Date(EARLY_USE).toISOString();
  expect(body.secrets).toMatchObject([{ last_used: time }]);
  expect(body.last_uses).toEqual([{ secret: body.secrets[0].id, time, user_agent: '' }]);
}

describe('A database of an earlier version', { timeout: 180_000 }, () => {
  beforeAll(async () => {
    first = await startServer();
    await registerLibrary(first);
    client = await aClient(first).withTokens({ refresh_token: true }).withGrant('book:*:read').register();
    reader = await aClient(first).withGrant('Session:*:introspect').register();
    open = (await client.ask(NATIVE, READ_BOOK_1)).body;
    closed = await client.token(NATIVE);
    const signing = await aClient(first).withTokens({ token_format: 'jwt' }).register();
    jwt = await signing.token(NATIVE);
    early = await aClient(first).register();
    await form(`${first.url}/auth/revoke`, { token: closed }, client.basic);
    tables = await withRows(first, async (rows) => {
      const found = new Map<string, Row[]>();
      for (const { name } of TABLES) found.set(name, await rows.all(`SELECT * FROM ${name}`));
      return found;
    });
  });
  afterAll(() => first?.stop());

  it.each(SCHEMA.slice(0, -1).map((name, index) => [name, index + 1] as const))(
    'keeps clients, their last uses, tokens and closings from the schema of %s, and gets the current schema',
    async (_name, version) => {
      const server = await besideFirst();
      try {
        await createSchema(server, version);
        await fill(server);
        if (version < USES_COPIED) await useEarly(server);
        await server.start();
        await expectCarriedOver(server, version < USES_COPIED);
        expect(await shapeOf(server)).toEqual(await shapeOf(first));
      } finally {
        await server.stop();
      }
    },
  );

  it('with a migration of a newer version stops the start with one line, and is not changed', async () => {
    const server = await besideFirst();
    try {
      await createSchema(server, SCHEMA.length);
      await withRows(server, (rows) =>
        rows.all("INSERT INTO migration (timestamp, name) VALUES (1999999999999, 'Later1999999999999')"),
      );
      const before = await shapeOf(server);
      const env = Object.entries(server.env).filter((entry): entry is [string, string] => !!entry[1]);
      const started = launch(Object.fromEntries(env));
      expect((await started.exited).code).toBe(1);
      expect(started.stderr()).toMatch(
        /^Latchkey cannot start: (DATABASE_URL|LATCHKEY_DATA_DIR): the database has the schema of a newer version of Latchkey \(Later1999999999999\): start that version or a later one; to go back, restore a backup from before the upgrade into an empty database with this version\n$/,
      );
      expect(started.stdout()).toBe('');
      expect(await shapeOf(server)).toEqual(before);
    } finally {
      await server.stop();
    }
  });
});
