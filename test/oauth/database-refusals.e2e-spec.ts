import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { DIALECTS, NATIVE } from '../support/dialects.js';
import { form, get, request } from '../support/http.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { hasScratchServer, ScratchDatabase } from '../support/scratch-database.js';
import { engine, startServer, type TestServer } from '../support/server.js';
import { refusedInTime, refusedSoon, servesAgain } from '../support/timed.js';

const REVOCATIONS = ['/auth/revoke', '/oauth/revoke', '/oidc/token/revocation'];
const UNAVAILABLE = {
  error: 'temporarily_unavailable',
  error_description: 'the server is temporarily unavailable',
};

/** What an operator or a failover does to the database, and how it ends. */
interface Trouble {
  name: string;
  begin: string[];
  end: string[];
  notReady: object;
  /** Whether the configuration can be written meanwhile. */
  sparesConfiguration?: boolean;
}

const REFUSED = { status: 'the database rejects connections' };

const MYSQL_TROUBLES: Trouble[] = [
  {
    name: 'is read-only after a failover',
    begin: ['SET GLOBAL read_only = 1'],
    end: ['SET GLOBAL read_only = 0'],
    notReady: { check: 'write', status: 'the database is read-only' },
  },
  {
    name: 'takes no more connections of the user',
    begin: ["ALTER USER 'app'@'%' WITH MAX_USER_CONNECTIONS -1", 'KILL USER app'],
    end: ["ALTER USER 'app'@'%' WITH MAX_USER_CONNECTIONS 0"],
    notReady: REFUSED,
  },
  {
    name: 'has locked the account',
    begin: ["ALTER USER 'app'@'%' ACCOUNT LOCK", 'KILL USER app'],
    end: ["ALTER USER 'app'@'%' ACCOUNT UNLOCK"],
    notReady: {},
  },
  {
    name: 'has another password for the account',
    begin: ["ALTER USER 'app'@'%' IDENTIFIED BY 'changed'", 'KILL USER app'],
    end: ["ALTER USER 'app'@'%' IDENTIFIED BY 'of-the-app'"],
    notReady: REFUSED,
  },
  {
    name: 'has taken the right to write',
    begin: ["REVOKE INSERT, UPDATE, DELETE ON latchkey.* FROM 'app'@'%'", 'KILL USER app'],
    end: ["GRANT ALL PRIVILEGES ON latchkey.* TO 'app'@'%'", 'KILL USER app'],
    notReady: REFUSED,
  },
  {
    name: 'has no such table for a while',
    begin: ['RENAME TABLE latchkey.session TO latchkey.session_moved'],
    end: ['RENAME TABLE latchkey.session_moved TO latchkey.session'],
    notReady: { check: 'write' },
    sparesConfiguration: true,
  },
];

const END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'";

const POSTGRES_TROUBLES: Trouble[] = [
  {
    name: 'is read-only after a failover',
    begin: ['ALTER ROLE app SET default_transaction_read_only = on', END_SESSIONS],
    end: ['ALTER ROLE app RESET default_transaction_read_only'],
    notReady: { check: 'write', status: 'the database is read-only' },
  },
  {
    name: 'takes no more connections of the user',
    begin: ['ALTER ROLE app CONNECTION LIMIT 0', END_SESSIONS],
    end: ['ALTER ROLE app CONNECTION LIMIT -1'],
    notReady: REFUSED,
  },
  {
    name: 'has locked the account',
    begin: ['ALTER ROLE app NOLOGIN', END_SESSIONS],
    end: ['ALTER ROLE app LOGIN'],
    notReady: REFUSED,
  },
  {
    name: 'has another password for the account',
    begin: ["ALTER ROLE app PASSWORD 'changed'", END_SESSIONS],
    end: ["ALTER ROLE app PASSWORD 'of-the-app'"],
    notReady: REFUSED,
  },
  {
    name: 'has taken the right to write',
    begin: ['REVOKE INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public FROM app'],
    end: ['GRANT ALL ON ALL TABLES IN SCHEMA public TO app'],
    notReady: REFUSED,
  },
  {
    name: 'has no such table for a while',
    begin: ['ALTER TABLE session RENAME TO session_moved'],
    end: ['ALTER TABLE session_moved RENAME TO session'],
    notReady: { check: 'write' },
    sparesConfiguration: true,
  },
];

describe('A database that', { timeout: 60_000, skip: !hasScratchServer }, () => {
  let database: ScratchDatabase;
  let server: TestServer;
  let client: TestClient;

  beforeAll(async () => {
    database = await ScratchDatabase.start();
    await database.createDatabase();
    server = await startServer({ databaseUrl: await database.createUser('app', 'of-the-app') });
    await registerLibrary(server);
    client = await aClient(server).withTokens({ refresh_token: true }).withGrant('book:1:read').register();
  });
  afterAll(async () => {
    await server?.stop();
    await database?.stop();
  });

  it.each(engine === 'postgres' ? POSTGRES_TROUBLES : MYSQL_TROUBLES)(
    '$name is answered 503 everywhere and never blamed on the server, until it ends (faults D2, F13)',
    async (trouble) => {
      const { begin, end, notReady } = trouble;
      const before = (await client.ask(NATIVE, READ_BOOK_1)).body;
      const token = before.access_token;
      const root = admin(server);
      await database.run(...begin);
      try {
        for (const dialect of DIALECTS) {
          const answer = await refusedInTime(dialect.token, client.ask(dialect, READ_BOOK_1));
          expect(answer.body).toEqual(UNAVAILABLE);
        }
        const refresh = { grant_type: 'refresh_token', refresh_token: before.refresh_token };
        await refusedInTime('refresh', client.post(NATIVE, refresh));
        for (const path of REVOCATIONS) {
          await refusedInTime(path, form(server.url + path, { token }, client.basic));
        }
        const authorization = { authorization: `Bearer ${token}` };
        await refusedInTime(
          'close',
          request(`${server.url}/Session`, { method: 'DELETE', headers: authorization }),
        );
        if (!trouble.sparesConfiguration) {
          await refusedInTime('write', root.put('/Client/never-written', {}));
          await refusedInTime('rotate', root.post(`/Client/${client.id}/$rotate-secret`, { overlap: 60 }));
        }
        const ready = await refusedSoon(() => get(`${server.url}/health/ready`));
        expect(ready.body).toMatchObject({
          check: expect.any(String),
          status: expect.any(String),
          ...notReady,
        });
        expect((await get(`${server.url}/health/live`)).status).toBe(200);
      } finally {
        await database.run(...end);
      }
      await servesAgain(() => get(`${server.url}/health/ready`), 5000);
      for (const dialect of DIALECTS) expect((await client.ask(dialect, READ_BOOK_1)).status).toBe(200);
      const refresh = { grant_type: 'refresh_token', refresh_token: before.refresh_token };
      expect((await client.post(NATIVE, refresh)).status).toBe(200);
      expect((await form(`${server.url}/auth/revoke`, { token }, client.basic)).status).toBe(200);
      expect(server.stderr()).not.toContain('"level":"error"');
    },
  );
});
