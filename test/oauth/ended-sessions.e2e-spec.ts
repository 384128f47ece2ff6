import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';

const library = useLibrary();

const sessionsOf = async (client: TestClient): Promise<number> =>
  (await admin(library.server).get(`/Session?client=${client.id}`)).body.total;

async function until(what: () => Promise<boolean>): Promise<boolean> {
  for (const limit = Date.now() + 20_000; Date.now() < limit; await sleep(200)) if (await what()) return true;
  return false;
}

describe('The rows of sessions', { timeout: 60_000 }, () => {
  it('removes rows of ended sessions and no others (L08, ASVS 14.2.7)', async () => {
    const { server } = library;
    const brief = await aClient(server).withTokens({ access_token_expiration: 1 }).register();
    const lasting = await aClient(server).register();
    await Promise.all(Array.from({ length: 250 }, () => brief.ask(NATIVE)));
    await Promise.all(Array.from({ length: 20 }, () => lasting.ask(NATIVE)));
    expect(await until(async () => (await sessionsOf(brief)) === 0)).toBe(true);
    expect(await sessionsOf(lasting)).toBe(20);
  });

  it('keeps rows while a refresh token of their family is valid', async () => {
    const { server } = library;
    const tokens = { access_token_expiration: 1, refresh_token: true };
    const patient = await aClient(server)
      .withTokens({ ...tokens, refresh_token_expiration: 60 })
      .register();
    const brief = await aClient(server)
      .withTokens({ ...tokens, refresh_token_expiration: 1 })
      .register();
    const { refresh_token } = (await patient.ask(NATIVE)).body;
    await brief.ask(NATIVE);
    expect(await until(async () => (await sessionsOf(brief)) === 0)).toBe(true);
    expect(await sessionsOf(patient)).toBe(1);
    const refreshed = await patient.post(NATIVE, { grant_type: 'refresh_token', refresh_token });
    expect(refreshed.status).toBe(200);
  });
});
