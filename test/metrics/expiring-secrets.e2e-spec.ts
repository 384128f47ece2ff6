import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { type MeteredServer, startMetered } from '../support/metrics.js';
import { aClient } from '../support/registration.js';

let metered: MeteredServer;

beforeAll(async () => {
  metered = await startMetered();
});
afterAll(() => metered?.server.stop());

describe('latchkey_client_secrets_expiring', { timeout: 60_000 }, () => {
  it('distinguishes secrets that are in use from those that are not', async () => {
    const { server } = metered;
    const rotate = (id: string, overlap: number) =>
      admin(server).post(`/Client/${id}/$rotate-secret`, { overlap });
    const used = await aClient(server).register();
    await used.token(NATIVE);
    expect((await rotate(used.id, 3600)).status).toBe(200);
    expect((await rotate((await aClient(server).register()).id, 3 * 24 * 3600)).status).toBe(200);
    // A server that ends writes the uses that it has noted.
    await server.restart();
    const series = await metered.scrape();
    const count = (within: string, inUse: boolean) =>
      series.sum('latchkey_client_secrets_expiring', { within, in_use: String(inUse) });
    expect(['1d', '7d', '30d'].map((within) => [count(within, true), count(within, false)])).toEqual([
      [1, 0],
      [1, 1],
      [1, 1],
    ]);
  });
});
