import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NATIVE } from '../support/dialects.js';
import { basic, bearer, form, get } from '../support/http.js';
import { READ_BOOK_1, registerLibrary } from '../support/library.js';
import { aTrace, OtlpReceiver } from '../support/otlp-receiver.js';
import { aClient, type TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

let collector: OtlpReceiver;
let server: TestServer;
let client: TestClient;

beforeAll(async () => {
  collector = await OtlpReceiver.start();
  server = await startServer({ env: collector.env });
  await registerLibrary(server);
  client = await aClient(server).withGrant('book:*:read').register();
});
afterAll(async () => {
  await server?.stop();
  await collector?.stop();
});

describe('Exported traces', () => {
  it('follow the decision of the caller not to sample, and begin anew without a valid one', async () => {
    const unsampled = aTrace('00');
    await client.ask(NATIVE, READ_BOOK_1, unsampled.headers);
    const before = collector.spans.length;
    await client.ask(NATIVE, READ_BOOK_1, { traceparent: 'not-a-trace' });
    await expect
      .poll(() => collector.spans.slice(before).map(({ name }) => name))
      .toContain('POST /auth/token');
    expect(collector.of(unsampled.trace)).toEqual([]);
    const own = collector.spans.slice(before).find(({ kind }) => kind === 2);
    expect(own).toMatchObject({ parent: '', service: 'latchkey' });
  });

  it('contain no secret, token, id, path, query or scope, and no span of a probe', async () => {
    const token = await client.token(NATIVE, READ_BOOK_1);
    const { trace, headers } = aTrace();
    await get(`${server.url}/auth/verify?scope=book:7:read`, { ...bearer(token), ...headers });
    await form(`${server.url}/unknown/${client.secret}`, { token }, basic('presented', 'wrong-secret'));
    await get(`${server.url}/health/ready`);
    await collector.request(trace);
    await server.restart();
    const all = JSON.stringify(collector.spans);
    for (const value of [token, client.secret, client.id, 'presented', 'book:7', 'unknown', 'health'])
      expect(all).not.toContain(value);
    expect(new Set(collector.paths)).toEqual(new Set(['/v1/traces']));
  });

  it('delay nothing while the collector is unreachable, and are off by the standard variables', async () => {
    await collector.stop();
    expect((await client.ask(NATIVE, READ_BOOK_1)).status).toBe(200);
    await expect.poll(() => server.stderr(), { timeout: 30_000 }).toContain('export of traces failed');
    const count = collector.spans.length;
    const back = await OtlpReceiver.start();
    await server.restart({ ...back.env, OTEL_SDK_DISABLED: 'true' });
    await client.token(NATIVE, READ_BOOK_1);
    await server.restart({ OTEL_SDK_DISABLED: undefined, OTEL_TRACES_SAMPLER: 'always_off' });
    await client.token(NATIVE, READ_BOOK_1);
    await server.end('SIGTERM');
    expect([back.spans.length, collector.spans.length]).toEqual([0, count]);
    await back.stop();
  });
});
