import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { DOORS, NATIVE } from '../../support/doors.js';
import { type Answer, basic, form } from '../../support/http.js';
import { READ_BOOK_1, useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();
const whole = { grant_type: 'client_credentials', ...READ_BOOK_1 };
const CHOSEN = 'chosen by a person';
/** In the form of a secret that the server makes. */
let made = '';

/** Every way of not being let in, by the header unless the client may only use that. */
const causes: Record<string, (secret: string) => Record<string, string> | undefined> = {};

beforeAll(async () => {
  const known = await aClient(library.server)
    .with({ secret: 'the right secret' })
    .withGrant('book:1:read')
    .register();
  const disabled = await aClient(library.server).with({ secret: CHOSEN, active: false }).register();
  const wrongMethod = await aClient(library.server)
    .with({ secret: CHOSEN, token_endpoint_auth_method: 'client_secret_post' })
    .register();
  const deleted = await aClient(library.server).with({ secret: CHOSEN }).register();
  await admin(library.server).delete(`/Client/${deleted.id}`);
  const withMade = await aClient(library.server).withGrant('book:1:read').register();
  made = (await aClient(library.server).register()).secret;
  await admin(library.server).put('/Client/without-secret', { grant_types: ['client_credentials'] });
  for (const [name, id] of Object.entries({
    'an unknown client': 'nobody',
    'an id that cannot be one': 'no body!',
    'a very long id': 'x'.repeat(3000),
    'the id of a client in another case': known.id.toUpperCase(),
    'a wrong secret': known.id,
    'a wrong secret where a made one is kept': withMade.id,
    'a disabled client': disabled.id,
    'a wrong method': wrongMethod.id,
    'a deleted client': deleted.id,
    'a client without a secret': 'without-secret',
  })) {
    causes[name] = (secret) => basic(id, secret);
  }
});

const shown = ({ status, headers, text }: Answer) => ({
  status,
  text,
  headers: Object.fromEntries([...headers].filter(([name]) => name !== 'date')),
});

describe.each(DOORS)('A refused client at the $name door', (door) => {
  it.each([
    ['a chosen secret', () => CHOSEN],
    ['a made secret', () => made],
    ['a short secret', () => 'x'],
    ['a very long secret', () => 'x'.repeat(5000)],
  ])('C10 looks the same whatever the cause, with %s (RFC 6749 5.2)', async (_what, secretOf) => {
    const url = library.server.url + door.token;
    const expected = shown(await form(url, whole));
    expect(expected.status).toBe(401);
    for (const [cause, headersOf] of Object.entries(causes)) {
      expect(shown(await form(url, whole, headersOf(secretOf()))), cause).toEqual(expected);
    }
  });
});

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

async function medianTimes(secretOf: (n: number) => string, rounds: number): Promise<Map<string, number>> {
  const times = new Map<string, number[]>(Object.keys(causes).map((cause) => [cause, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [cause, headersOf] of Object.entries(causes)) {
      const start = performance.now();
      const answer = await form(library.server.url + NATIVE.token, whole, headersOf(secretOf(round)));
      times.get(cause)?.push(performance.now() - start);
      expect(answer.status).toBe(401);
    }
  }
  return new Map([...times].map(([cause, values]) => [cause, median(values)]));
}

describe('The time of a refusal', { timeout: 120_000 }, () => {
  it('C11 is that of a slow hash for every cause when the secret is one that a person chose (ASVS 11.2.4)', async () => {
    const times = await medianTimes((n) => `${CHOSEN} ${n}`, 25);
    const reference = times.get('a wrong secret') as number;
    for (const [cause, time] of times) {
      expect(time / reference, `${cause}: ${time} ms, a wrong secret: ${reference} ms`).toBeGreaterThan(0.5);
      expect(time / reference, `${cause}: ${time} ms, a wrong secret: ${reference} ms`).toBeLessThan(2);
    }
  });

  it('C11 is that of a fast one for every cause when the secret has the form of a made one (ASVS 11.2.4)', async () => {
    const times = await medianTimes(() => made, 60);
    const reference = times.get('a wrong secret where a made one is kept') as number;
    for (const [cause, time] of times) {
      expect(Math.abs(time - reference), `${cause}: ${time} ms of ${reference} ms`).toBeLessThan(
        Math.max(3, reference),
      );
    }
  });
});
