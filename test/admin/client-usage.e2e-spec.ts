import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { DAY_MS, TestClock } from '../support/clock.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { expectProblem } from './answers.js';

const clock = new TestClock();
const library = useLibrary({ env: clock.env });
let root: Admin;
let client: TestClient;

const usageOf = async (id: string, query = '') => (await root.get(`/Client/${id}/$usage${query}`)).body;

const dayIn = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

const untilCounted = (id: string, tokens: number) =>
  vi.waitFor(async () => expect(await usageOf(id, '?days=400')).toMatchObject({ tokens }), {
    timeout: 60_000,
    interval: 200,
  });

beforeAll(async () => {
  root = admin(library.server);
  client = await aClient(library.server, 'usage-a').with({ name: 'Used' }).register();
  await aClient(library.server, 'usage-b').register();
  for (let n = 0; n < 3; n++) await client.token(NATIVE);
  await (await aClient(library.server, 'usage-gone').register()).token(NATIVE);
  await untilCounted('usage-gone', 1);
  await untilCounted(client.id, 3);
  await clock.set(2 * DAY_MS);
  await client.token(NATIVE);
  await untilCounted(client.id, 4);
});
afterAll(() => clock.remove());

describe('The usage of a client', () => {
  it('has the tokens of each day, counted once, and the last uses', async () => {
    const { last_uses } = (await root.get(`/Client/${client.id}`)).body;
    expect(last_uses).toHaveLength(1);
    const whole = {
      resourceType: 'Client',
      id: client.id,
      name: 'Used',
      tokens: 4,
      tokens_per_day: [
        { day: dayIn(2), tokens: 1 },
        { day: dayIn(0), tokens: 3 },
      ],
      last_uses,
      scopes: expect.objectContaining({ granted: [], used: [] }),
    };
    expect(await usageOf(client.id)).toEqual(whole);
    expect(await usageOf(client.id, '?days=2')).toMatchObject({
      tokens: 1,
      tokens_per_day: [{ day: dayIn(2), tokens: 1 }],
    });
  });

  it('is listed for all clients, selected like them', async () => {
    const { body } = await root.get('/Client/$usage?_id=usage-a,usage-b&_elements=tokens&_sort=-id');
    expect(body).toMatchObject({
      resourceType: 'Bundle',
      total: 2,
      entry: [
        { resource: { resourceType: 'Client', id: 'usage-b', tokens: 0 } },
        { resource: { resourceType: 'Client', id: 'usage-a', tokens: 4 } },
      ],
    });
    const page = (await root.get('/Client/$usage?_id=usage-a,usage-b&_count=1&days=1')).body;
    expect(page.entry[0].resource).toMatchObject({ id: 'usage-a', tokens: 1 });
    const { url } = page.link.find(({ relation }: any) => relation === 'next');
    expect(url).toMatch(/^\/Client\/\$usage\?/);
    expect((await root.get(url)).body.entry.map(({ resource }: any) => resource.id)).toEqual(['usage-b']);
  });

  it.each(['0', '401', '-1', '1.5', 'x', ''])('rejects %j days', async (days) => {
    for (const path of [`/Client/${client.id}/$usage`, '/Client/$usage']) {
      expectProblem(await root.get(`${path}?days=${days}`), 400, ['days']);
    }
  });

  it('requires the right to read the client, and an existing one', async () => {
    expectProblem(await root.get('/Client/usage-none/$usage'), 404);
    expectProblem(await root.get(`/Client/${client.id}/$usage?unknown=1`), 400, ['unknown']);
    const other = admin(
      library.server,
      (
        await aClient(library.server)
          .with({ grant_types: ['basic'] })
          .register()
      ).basic,
    );
    for (const path of [`/Client/${client.id}/$usage`, '/Client/$usage']) {
      expect((await other.get(path)).status).toBe(403);
    }
  });

  it('ends with the client', async () => {
    const id = 'usage-gone';
    expect(await usageOf(id)).toMatchObject({ tokens: 1 });
    await root.delete(`/Client/${id}`);
    expect((await root.put(`/Client/${id}`, {})).status).toBe(201);
    expect(await usageOf(id)).toMatchObject({ tokens: 0, tokens_per_day: [], last_uses: [] });
  });
});
