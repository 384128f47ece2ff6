import { beforeAll, describe, expect, it } from 'vitest';
import { NATIVE } from '../support/dialects.js';
import { form } from '../support/http.js';
import { READ_BOOK_1, useLibrary } from '../support/library.js';
import { CHOSEN, type RefusedClients, refusedClients } from '../support/refused-clients.js';

/** Failure limits would answer before a secret is checked. */
const library = useLibrary({ env: { LATCHKEY_FAILURES_PER_MINUTE: '0' } });
const whole = { grant_type: 'client_credentials', ...READ_BOOK_1 };
const ATTEMPTS = 3;

let clients: RefusedClients;

beforeAll(async () => {
  clients = await refusedClients(library.server);
});

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;

/** The median time of each cause; the causes take turns, so that what slows the machine down slows all of them. */
async function medianTimes(secretOf: (n: number) => string, rounds: number): Promise<Map<string, number>> {
  const times = new Map<string, number[]>([...clients.causes.keys()].map((cause) => [cause, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [cause, headersOf] of clients.causes) {
      const start = performance.now();
      const answer = await form(library.server.url + NATIVE.token, whole, headersOf(secretOf(round)));
      times.get(cause)?.push(performance.now() - start);
      expect(answer.status).toBe(401);
    }
  }
  return new Map([...times].map(([cause, values]) => [cause, median(values)]));
}

/** The causes whose median lies too far from that of `reference`; measured again while there are any. */
async function outliers(
  reference: string,
  isNear: (time: number, ofReference: number) => boolean,
  measure: () => Promise<Map<string, number>>,
): Promise<string[]> {
  let found: string[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const times = await measure();
    const ofReference = times.get(reference) as number;
    const far = [...times].filter(([, time]) => !isNear(time, ofReference));
    found = far.map(([cause, time]) => `${cause}: ${time} ms, ${reference}: ${ofReference} ms`);
    if (found.length === 0) break;
  }
  return found;
}

describe('Time of a rejection', { timeout: 240_000 }, () => {
  it('equals a slow hash for every cause when the presented secret is chosen (C11, ASVS 11.2.4)', async () => {
    const isNear = (time: number, ofReference: number) => time > ofReference / 2 && time < 2 * ofReference;
    const measure = () => medianTimes((n) => `${CHOSEN} ${n}`, 25);
    expect(await outliers('a wrong secret', isNear, measure)).toEqual([]);
  });

  it('equals a fast hash for every cause when the presented secret has the form of a generated one (C11, ASVS 11.2.4)', async () => {
    const isNear = (time: number, ofReference: number) =>
      Math.abs(time - ofReference) < Math.max(3, ofReference);
    const measure = () => medianTimes(() => clients.made, 60);
    expect(await outliers('a wrong secret where a made one is kept', isNear, measure)).toEqual([]);
  });
});
