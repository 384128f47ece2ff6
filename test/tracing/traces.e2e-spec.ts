import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { bearer, get } from '../support/http.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { aTrace, OtlpReceiver } from '../support/otlp-receiver.js';
import { aClient, type TestClient } from '../support/registration.js';
import { engine, startServer, type TestServer } from '../support/server.js';

const SYSTEM = { sqlite: 'sqlite', mysql: 'mysql', postgres: 'postgresql' }[engine];

let collector: OtlpReceiver;
let server: TestServer;
let client: TestClient;

beforeAll(async () => {
  collector = await OtlpReceiver.start();
  server = await startServer({ env: { ...collector.env, OTEL_SERVICE_NAME: 'tokens' } });
  await registerLibrary(server);
  client = await aClient(server).withGrant('book:*:read').register();
});
afterAll(async () => {
  await server?.stop();
  await collector?.stop();
});

describe('Traces', () => {
  it('of a token request lead from the caller through the server to the database', async () => {
    const { trace, parent, headers } = aTrace();
    expect((await client.ask(NATIVE, READ_BOOK_1, headers)).status).toBe(200);
    const [own, within] = await collector.request(trace);
    expect(own).toEqual({
      service: 'tokens',
      trace,
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      parent,
      name: 'POST /auth/token',
      kind: 2,
      failed: false,
      attributes: {
        'http.request.method': 'POST',
        'url.scheme': 'http',
        'http.route': '/auth/token',
        'http.response.status_code': 200,
        'latchkey.result': 'opaque',
      },
    });
    expect(within).toContainEqual({
      service: 'tokens',
      trace,
      id: expect.any(String),
      parent: own.id,
      name: 'INSERT session',
      kind: 3,
      failed: false,
      attributes: { 'db.system.name': SYSTEM, 'db.query.summary': 'INSERT session' },
    });
  });

  it('of a check by a gateway and of an administrator have the spans of their reads and transactions', async () => {
    const token = await client.token(NATIVE, READ_BOOK_1);
    const check = aTrace();
    const change = aTrace();
    const { url } = server;
    await get(`${url}/auth/verify?scope=book:1:read`, { ...bearer(token), ...check.headers });
    await admin(server).put('/Client/traced', { name: 'Traced' }, change.headers);
    const [own, within] = await collector.request(check.trace);
    expect([own.name, own.parent]).toEqual(['GET /auth/verify', check.parent]);
    expect(within.map(({ name }) => name)).toContain('SELECT session');
    const [put, writes] = await collector.request(change.trace);
    expect(put).toMatchObject({ name: 'PUT /Client/:id', parent: change.parent });
    expect(writes.map(({ name }) => name)).toContain('transaction');
    for (const span of writes) expect([put.id, ...writes.map(({ id }) => id)]).toContain(span.parent);
  });

  it('keep concurrent requests apart', async () => {
    const traces = Array.from({ length: 20 }, () => aTrace());
    await Promise.all(traces.map(({ headers }) => client.ask(NATIVE, READ_BOOK_1, headers)));
    for (const { trace, parent } of traces) {
      const [own, within] = await collector.request(trace);
      expect(own.parent).toBe(parent);
      const inserts = within.filter(({ name }) => name === 'INSERT session');
      expect(inserts.map((span) => span.parent)).toEqual([own.id]);
    }
  });
});
