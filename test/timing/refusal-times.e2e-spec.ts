import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { Connection } from '../fuzz/connection.js';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { basic } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';

/** Failure limits would answer before the client is looked for. */
const library = useLibrary({ env: { LATCHKEY_FAILURES_PER_MINUTE: '0' } });

const CHOSEN = 'a secret that a person chose';
const TRIES = 500;
const SLOW_TRIES = 15;
const ATTEMPTS = 3;

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

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** As many tries of each cause, in random order, one after another on one connection. */
async function timesOf(tries: number, secretOf: (n: number) => string): Promise<Map<string, number[]>> {
  const names = Object.keys(causes);
  const times = new Map(names.map((name): [string, number[]] => [name, []]));
  const order = Array.from({ length: tries }, () => names.toSorted(() => Math.random() - 0.5)).flat();
  const connection = new Connection(library.server.port);
  const body = 'grant_type=client_credentials';
  for (const [n, name] of order.entries()) {
    const head = [
      `POST ${NATIVE.token} HTTP/1.1`,
      'Host: x',
      `Authorization: ${basic(causes[name] as string, secretOf(n)).authorization}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
    ];
    const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
    const start = performance.now();
    const { status } = await connection.ask(bytes);
    times.get(name)?.push(performance.now() - start);
    expect(status).toBe(401);
  }
  connection.close();
  return times;
}

/** How far the medians of random halves of one cause lie from each other: what means nothing. */
function noiseOf(times: Map<string, number[]>): number {
  const gaps = [...times.values()].flatMap((values) =>
    Array.from({ length: 40 }, () => {
      const shuffled = values.toSorted(() => Math.random() - 0.5);
      const middle = Math.floor(shuffled.length / 2);
      return Math.abs(median(shuffled.slice(0, middle)) - median(shuffled.slice(middle)));
    }),
  );
  return Math.max(...gaps);
}

/** The medians' spread and the noise; measured anew while one measurement says that they differ. */
async function measure(tries: number, secretOf: (n: number) => string) {
  let reported = { spread: Number.POSITIVE_INFINITY, noise: 0, medians: {} as Record<string, number> };
  for (let attempt = 0; attempt < ATTEMPTS && reported.spread > reported.noise; attempt++) {
    const times = await timesOf(tries, secretOf);
    const medians = Object.fromEntries([...times].map(([name, values]) => [name, median(values)]));
    const spread = Math.max(...Object.values(medians)) - Math.min(...Object.values(medians));
    reported = { spread, noise: noiseOf(times), medians };
  }
  return reported;
}

describe('Time of a rejection', { timeout: 240_000 }, () => {
  it('is equal for every cause within the noise over 500 tries each (C11, S03, ASVS 11.2.4)', async () => {
    await timesOf(50, () => made);
    const { spread, noise, medians } = await measure(TRIES, () => made);
    expect(spread, JSON.stringify(medians)).toBeLessThanOrEqual(noise);
  });

  it('is equal for every cause when the secret is a chosen one (C11, ASVS 11.2.4)', async () => {
    const { spread, noise, medians } = await measure(SLOW_TRIES, (n) => `${CHOSEN} ${n}`);
    expect(spread, JSON.stringify(medians)).toBeLessThanOrEqual(noise);
  });
});
