import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabase, dropDatabase, engine } from '../support/database.js';
import { launch } from '../support/launch.js';
import { freePort } from '../support/port.js';
import { openRows } from '../support/rows.js';

describe('Database with a table of another program', { timeout: 60_000 }, () => {
  let dataDir: string;
  let databaseUrl: string | undefined;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'latchkey-foreign-'));
    if (engine !== 'sqlite') databaseUrl = await createDatabase();
  });
  afterEach(async () => {
    if (databaseUrl) await dropDatabase(databaseUrl);
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('stops the start with one line that names the table, and leaves the table unchanged (fault F1)', async () => {
    const rows = await openRows({ databaseUrl, dataDir });
    await rows.all('CREATE TABLE client (id INTEGER PRIMARY KEY, surname VARCHAR(20))');
    await rows.all(`INSERT INTO client VALUES (1, 'Doe')`);
    const started = launch({
      PORT: String(await freePort()),
      LATCHKEY_DATA_DIR: dataDir,
      LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64'),
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
    });
    expect((await started.exited).code).toBe(1);
    expect(started.stderr()).toMatch(
      /^Latchkey cannot start: [^\n]*the database has a table client that is not Latchkey's; use a database of its own\n$/,
    );
    expect(started.stdout()).toBe('');
    expect(await rows.all('SELECT * FROM client')).toEqual([{ id: 1, surname: 'Doe' }]);
    await rows.close();
  });
});
