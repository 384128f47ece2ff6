import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { events } from '../../admin/audit.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { launch } from '../../support/launch.js';
import { untilReady } from '../../support/ready.js';
import { aClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

let server: TestServer;
let root: Admin;

beforeAll(async () => {
  server = await startServer({ env: { LATCHKEY_AUDIT_LOG: 'on' } });
  root = admin(server);
});
afterAll(() => server?.stop());

/** The audit events on standard output, in their order; every line of JSON has to be whole. */
const eventsIn = (stdout: string): any[] =>
  stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));

const sequences = (stdout: string) => eventsIn(stdout).map(({ sequence }) => sequence);

/** Those of all numbers from the first to the last. */
const gapless = (numbers: number[]) => numbers.map((_, place) => (numbers[0] ?? 0) + place);

/** Makes events of more bytes than a pipe takes. Of no letter alone, which is the secret of other tests. */
async function changeOften(word: string): Promise<void> {
  for (let n = 0; n < 100; n++) {
    const { status } = await root.put('/Client/long', { description: `${n} ${`${word} `.repeat(150)}` });
    expect(status).toBeLessThan(300);
  }
}

describe('Audit events on standard output', () => {
  it('are lines of JSON as /AuditEvent shows them, in order, also across a restart', async () => {
    const client = await aClient(server).register();
    await client.token(NATIVE);
    await expect.poll(() => server.stdout(), { timeout: 15_000 }).toContain('"action":"token.issue"');
    const before = sequences(server.stdout());
    const [issued] = await events(server, 'action=token.issue');
    expect(eventsIn(server.stdout())).toContainEqual(issued);
    await server.restart();
    await root.put('/Client/later', {});
    await expect.poll(() => server.stdout()).toContain('"id":"later"');
    const all = [...before, ...sequences(server.stdout())];
    expect(all).toEqual(gapless(all));
  });

  it('delay neither tokens nor shutdown while nothing reads them, and arrive complete afterwards', async () => {
    await server.end('SIGTERM');
    const launched = launch(server.env as Record<string, string>);
    await untilReady(launched, server.url);
    launched.child.stdout?.pause();
    await changeOften('early');
    const client = await aClient(server).register();
    await client.token(NATIVE);
    expect((await events(server))[0].sequence).toBeGreaterThan(100);
    launched.child.stdout?.resume();
    await expect.poll(() => launched.stdout()).toContain('"99 early early');
    const read = sequences(launched.stdout());
    expect(read).toEqual(gapless(read));
    launched.child.stdout?.pause();
    await changeOften('later');
    launched.child.kill('SIGTERM');
    launched.child.once('exit', () => launched.child.stdout?.resume());
    expect(await launched.exited).toEqual({ code: 0, signal: null });
  });
});
