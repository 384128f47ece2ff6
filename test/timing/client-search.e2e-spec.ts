import { beforeAll, describe, expect, it } from 'vitest';
import { insertDescribedClients } from '../admin/bulk.js';
import { type Admin, admin } from '../support/admin.js';
import { useLibrary } from '../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(async () => {
  root = admin(library.server);
  await insertDescribedClients(library.server);
});

const MAX_MS = 50;
/** The machine may do something else meanwhile: the best of these is what the search takes. */
const ATTEMPTS = 20;

async function fastest(path: string): Promise<{ total: number; milliseconds: number }> {
  let milliseconds = Number.POSITIVE_INFINITY;
  let total = -1;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const start = performance.now();
    const { body, text } = await root.get(path);
    milliseconds = Math.min(milliseconds, performance.now() - start);
    expect(body.total, text).toBeGreaterThanOrEqual(0);
    total = body.total;
  }
  return { total, milliseconds };
}

describe('A search of 10,000 clients', () => {
  it.each([
    ['owner=owner%207', 1000],
    ['label=team:t-42', 100],
    ['label=team&label=env:prod', 10_000],
    ['label=nothing', 0],
    ['expires=ge2100&expires=lt2101', 365],
    ['expires=2110-01-01', 1],
    ['unused=90d', 5000],
    ['unused=90d&owner=owner%207&label=team:t-42', 5],
    ['unused=1000w', 5000],
    ['owner=owner%207&label=team:t-42&expires=gt2100', 10],
    ['text=LK-1999', 10],
    ['text=no-such', 0],
    ['method=secret', 1],
    ['method=key', 0],
    ['method=federated', 0],
  ])('is answered in under 50 ms: %s', async (query, expected) => {
    const { total, milliseconds } = await fastest(`/Client?${query}`);
    expect(total).toBe(expected);
    expect(milliseconds).toBeLessThan(MAX_MS);
  });

  it('is answered in under 50 ms with the unused grants of a page', async () => {
    const { total, milliseconds } = await fastest('/Client/$unused-scopes?owner=owner%207&_count=20');
    expect(total).toBe(1000);
    expect(milliseconds).toBeLessThan(MAX_MS);
  });
});
