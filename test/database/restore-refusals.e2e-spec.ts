import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dumpOfCopy, linesOf, runCommand, writeLines } from '../support/backup.js';
import { NATIVE } from '../support/dialects.js';
import { form } from '../support/http.js';
import { newMasterKey } from '../support/master-key.js';
import { expectRefused, useRestoring } from './restoring.js';

describe('A refused restore', { timeout: 240_000 }, () => {
  const restoring = useRestoring();

  it('refuses a database that a server uses (fault E8)', async () => {
    const on = restoring.it;
    const { server, client } = on;
    const file = await on.backup('in-use');
    const token = await client.token(NATIVE);
    expectRefused(await runCommand('restore', server, [file, '--replace']), /the database is in use/);
    const { body } = await form(`${server.url}/auth/introspect`, { token }, client.basic);
    expect(body.active).toBe(true);
  });

  it('refuses a file that was cut or changed, or is none, and writes nothing (fault E8)', async () => {
    const on = restoring.it;
    const file = await on.backup('intact');
    const target = await on.emptyServer();
    const lines = linesOf(file);
    const bytes = readFileSync(file);
    const other = join(on.folder, 'damaged');
    const variants: (() => void)[] = [
      () => writeFileSync(other, bytes.subarray(0, bytes.length / 2)),
      () => writeFileSync(other, bytes.subarray(0, -1)),
      () => writeFileSync(other, 'something else'),
      () => writeFileSync(other, ''),
      () => writeLines(other, lines.slice(0, -1)),
      () =>
        writeLines(
          other,
          lines.filter((_line, place) => place !== lines.length - 2),
        ),
      () =>
        writeLines(
          other,
          lines.map((line) => line.replace('"root-administration",1', '"root-administration",2')),
        ),
      () => writeLines(other, [...lines, '["more"]']),
      () =>
        writeLines(
          other,
          lines.map((line) => (line.startsWith('{"mac"') ? '{"mac":"x"}' : line)),
        ),
    ];
    for (const vary of variants) {
      vary();
      expectRefused(
        await runCommand('restore', target, [other]),
        /is not a backup of Latchkey, or it was cut or changed/,
      );
    }
    expectRefused(await runCommand('restore', target, [join(on.folder, 'absent')]), /absent: no such file/);
    expect(existsSync(join(target.dataDir, 'latchkey.sqlite'))).toBe(false);
    if (target.databaseUrl) expect((await dumpOfCopy(target)).size).toBe(0);
  });

  it('refuses a file of another schema and names the version that restores it (fault E8)', async () => {
    const on = restoring.it;
    const file = await on.backup('schema');
    const [header = '', ...rest] = linesOf(file);
    const older = JSON.parse(header);
    older.latchkey = '0.0.9';
    older.schema.pop();
    writeLines(file, [JSON.stringify(older), ...rest]);
    expectRefused(
      await runCommand('restore', await on.emptyServer(), [file]),
      /it has the schema of Latchkey 0\.0\.9 .*restore it with Latchkey 0\.0\.9/,
    );
  });

  it('refuses a master key that does not open the backup, or none (fault E8)', async () => {
    const on = restoring.it;
    const file = await on.backup('master-key');
    const target = await on.emptyServer();
    const wrong = { LATCHKEY_MASTER_KEY: newMasterKey() };
    expectRefused(
      await runCommand('restore', target, [file], wrong),
      /LATCHKEY_MASTER_KEY: .*another master key/,
    );
    const none = { LATCHKEY_MASTER_KEY: undefined };
    expectRefused(
      await runCommand('restore', target, [file], none),
      /LATCHKEY_MASTER_KEY: is (not set and|required)/,
    );
    expect(existsSync(join(target.dataDir, 'latchkey.sqlite'))).toBe(false);
  });

  it('shows its help without a file (fault E8)', async () => {
    const on = restoring.it;
    const { server } = on;
    const { code, stderr } = await runCommand('restore', server, []);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^npm run restore -- FILE/)]);
    expect((await runCommand('restore', server, ['a', '--other'])).code).toBe(2);
  });
});
