import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAddress, FROM_ANYWHERE, from } from '../../support/addresses.js';
import { admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { basic, form } from '../../support/http.js';
import { aClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';

const CREDENTIALS = { grant_type: 'client_credentials' };

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ env: { ...FROM_ANYWHERE, LATCHKEY_FAILURES_PER_MINUTE: undefined } });
});
afterAll(() => server.stop());

it.each(['chosen', 'made'])(
  'answers the correct secret of a disabled client like a wrong one, and accepts it once it is enabled: %s (C10, RFC 6749 5.2, fault C1)',
  async (kind) => {
    const client = await aClient(server)
      .with({ ...(kind === 'chosen' ? { secret: 'chosen-by-a-person-in-2026' } : {}), active: false })
      .register();
    const wrong = kind === 'chosen' ? 'not-the-one-of-a-person' : (await aClient(server).register()).secret;
    const answersTo = async (secret: string) => {
      const address = anAddress();
      const answers: unknown[] = [];
      for (let n = 0; n < 25; n++) {
        const { status, text, headers } = await form(server.url + NATIVE.token, CREDENTIALS, {
          ...basic(client.id, secret),
          ...from(address),
        });
        const named = [...headers].filter(([name]) => name !== 'date' && name !== 'retry-after');
        answers.push([status, text, named]);
      }
      return answers;
    };
    expect(await answersTo(client.secret)).toEqual(await answersTo(wrong));
    const address = anAddress();
    for (let n = 0; n < 25; n++)
      (await form(server.url + NATIVE.token, CREDENTIALS, { ...client.basic, ...from(address) })).status;
    await admin(server).patch(`/Client/${client.id}`, { active: true });
    expect(
      (await form(server.url + NATIVE.token, CREDENTIALS, { ...client.basic, ...from(address) })).status,
    ).toBe(200);
  },
);
