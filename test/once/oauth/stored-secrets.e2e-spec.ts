import { expect, it } from 'vitest';
import { anAddress, FROM_ANYWHERE, from } from '../../support/addresses.js';
import { admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { basic, form } from '../../support/http.js';
import { aClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const ask = async ({ url }: TestServer, id: string, secret: string, address: string) => {
  const headers = { ...basic(id, secret), ...from(address) };
  return (await form(url + NATIVE.token, { grant_type: 'client_credentials' }, headers)).status;
};

/** Guesses until this client is blocked at this address. */
async function block(server: TestServer, id: string, address: string): Promise<void> {
  for (let n = 0; n < 21; n++) await ask(server, id, `not the right one ${n}`, address);
}

it('accepts the configured secret and one that it has just stored while their pairs are blocked, before their first use (fault C2)', async () => {
  const server = await startServer({ env: { ...FROM_ANYWHERE, LATCHKEY_FAILURES_PER_MINUTE: undefined } });
  try {
    const address = anAddress();
    const { adminId, adminSecret } = server;
    for (const _ of ['first start', 'later start']) {
      await block(server, adminId, address);
      expect(await ask(server, adminId, adminSecret, address)).toBe(200);
      await server.restart();
    }
    const { id } = await aClient(server).with({ secret: 'a chosen secret' }).register();
    for (const secret of ['a chosen secret', 'its second secret']) {
      const changed = await admin(server).patch(`/Client/${id}`, { secret });
      expect(changed.status, changed.text).toBe(200);
      await block(server, id, address);
      expect(await ask(server, id, secret, address)).toBe(200);
    }
    expect(await ask(server, id, 'a chosen secret', address)).toBe(429);
  } finally {
    await server.stop();
  }
});
