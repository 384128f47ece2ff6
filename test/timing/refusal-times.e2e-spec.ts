import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { basic } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { measure, type Refused, timesOf } from '../support/refusal-times.js';
import { aClient } from '../support/registration.js';

/** Failure limits would answer before the client is looked for. */
const library = useLibrary({ env: { LATCHKEY_FAILURES_PER_MINUTE: '0' } });

const CHOSEN = 'a secret that a person chose';
const TRIES = 500;
const SLOW_TRIES = 15;

let made = '';
/** Ids of clients, by why they are refused. */
const causes: Record<string, string> = { 'an unknown client': 'nobody-of-this-name' };

beforeAll(async () => {
  const { server } = library;
  const rest = admin(server);
  made = (await aClient(server).register()).secret;
  const chosen = { secret: CHOSEN };
  const disabled = await aClient(server).with({ active: false }).register();
  const expired = await aClient(server).register();
  await rest.post(`/Client/${expired.id}/$rotate-secret`, { overlap: 1 });
  await sleep(1100);
  Object.assign(causes, {
    'a wrong secret where a made one is kept': (await aClient(server).register()).id,
    'a wrong secret where a chosen one is kept': (await aClient(server).with(chosen).register()).id,
    'a disabled client': disabled.id,
    'a disabled client with a chosen secret': (
      await aClient(server)
        .with({ ...chosen, active: false })
        .register()
    ).id,
    'a wrong method': (
      await aClient(server).with({ token_endpoint_auth_method: 'client_secret_post' }).register()
    ).id,
    'an expired secret': expired.id,
  });
});

/** One refused request for each cause. */
const requests = (secretOf: (n: number) => string): Record<string, Refused> =>
  Object.fromEntries(
    Object.entries(causes).map(([cause, id]): [string, Refused] => [
      cause,
      (n) => ({
        head: [
          `POST ${NATIVE.token} HTTP/1.1`,
          'Host: x',
          `Authorization: ${basic(id, secretOf(n)).authorization}`,
          'Content-Type: application/x-www-form-urlencoded',
        ],
        body: 'grant_type=client_credentials',
      }),
    ]),
  );

describe('Time of a rejection', { timeout: 240_000 }, () => {
  it('is equal for every cause within the noise over 500 tries each (C11, S03, ASVS 11.2.4)', async () => {
    const { port } = library.server;
    await timesOf(
      port,
      requests(() => made),
      50,
    );
    const { spread, noise, medians } = await measure(
      port,
      requests(() => made),
      TRIES,
    );
    expect(spread, JSON.stringify(medians)).toBeLessThanOrEqual(noise);
  });

  it('is equal for every cause when the secret is a chosen one (C11, ASVS 11.2.4)', async () => {
    const { spread, noise, medians } = await measure(
      library.server.port,
      requests((n) => `${CHOSEN} ${n}`),
      SLOW_TRIES,
    );
    expect(spread, JSON.stringify(medians)).toBeLessThanOrEqual(noise);
  });
});
