import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { createDatabase, dropDatabase } from '../support/database.js';
import { shapeOf } from '../support/schema.js';
import { engine, ServerDidNotStart, type ServerOptions, startServer } from '../support/server.js';

/** cut-migration.e2e-spec.ts tries every step of the migrations; these are spread over the whole start. */
const KILLED_AFTER = engine === 'sqlite' ? [3] : [10, 45];

const preload = fileURLToPath(new URL('../support/kill-after.mjs', import.meta.url));

/** Whether there were so many statements. */
async function startKilled(place: ServerOptions, statements: number): Promise<boolean> {
  const env = { ...place.env, NODE_OPTIONS: `--import=${preload}`, KILL_AFTER: String(statements) };
  try {
    await (await startServer({ ...place, env })).kill();
    return false;
  } catch (error) {
    if (!(error instanceof ServerDidNotStart) || error.exit?.signal !== 'SIGKILL') throw error;
    return true;
  }
}

async function withPlace<T>(work: (place: ServerOptions) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-killed-'));
  const databaseUrl = engine !== 'sqlite' ? await createDatabase() : undefined;
  const env = {
    LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64'),
    LATCHKEY_ADMIN_CLIENT_SECRET: randomBytes(24).toString('base64url'),
  };
  try {
    return await work({ dataDir, env, ...(databaseUrl ? { databaseUrl } : {}) });
  } finally {
    if (databaseUrl) await dropDatabase(databaseUrl);
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function startsOn(place: ServerOptions): Promise<unknown[]> {
  const server = await startServer(place);
  try {
    const { status } = await admin(server).get('/Client/root');
    return [status, ...(await shapeOf(server))];
  } finally {
    await server.kill();
  }
}

describe('A first start that is killed', { timeout: 180_000 }, () => {
  it('leaves a database that the next start completes, whichever statement was the last (fault F1)', async () => {
    const whole = await withPlace(startsOn);
    expect(whole[0]).toBe(200);
    for (const statements of KILLED_AFTER) {
      await withPlace(async (place) => {
        expect(await startKilled(place, statements), `killed after ${statements} statements`).toBe(true);
        expect(await startsOn(place), `killed after ${statements} statements`).toEqual(whole);
      });
    }
  });
});
