import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { useLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';
import { engine } from '../support/server.js';
import { compare, type Model, realOf, sequences } from './lifecycle-model.js';

const SEED = Number(process.env.LATCHKEY_FUZZ_SEED ?? 20_261_130);
const REQUESTS = engine === 'sqlite' ? 1_500 : 600;

const library = useLibrary();
let watcher: { authorization: string };
let asked = 0;
let runs = 0;

beforeAll(async () => {
  watcher = (await aClient(library.server).withGrant('Session:*:introspect').register()).basic;
});

describe('Any sequence of writes, tokens, refreshes, revocations and deletions', { timeout: 300_000 }, () => {
  it('leaves every token exactly as active as the model predicts (I05, I09, R08, R10, F05, RFC 7662 2.2)', async () => {
    const property = fc.asyncProperty(sequences(watcher), async (commands) => {
      const real = realOf(library.server, `run-${runs++}`, () => asked++);
      const model: Model = { clients: new Map(), tokens: [] };
      await fc.asyncModelRun(() => ({ model, real }), commands);
      await compare(model, real, watcher);
    });
    for (let round = 0; asked < REQUESTS; round++)
      await fc.assert(property, { seed: SEED + round, numRuns: 10, endOnFailure: false });
    expect(asked).toBeGreaterThanOrEqual(REQUESTS);
  });
});
