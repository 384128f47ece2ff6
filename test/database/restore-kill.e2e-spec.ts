import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkChain } from '../admin/audit.js';
import { dumpOfCopy, runCommand } from '../support/backup.js';
import { NATIVE } from '../support/dialects.js';
import type { TestServer } from '../support/server.js';
import { copied, expectDone, useRestoring } from './restoring.js';

const killer = fileURLToPath(new URL('../support/kill-after.mjs', import.meta.url));

const isUnused = async (server: TestServer) =>
  [...(await dumpOfCopy(server))].every(
    ([name, text]) => !['client', 'session', 'pepper'].includes(name) || text === '[]',
  );

describe('SIGKILL of a restore', { timeout: 240_000 }, () => {
  const restoring = useRestoring();

  it('changes nothing at any statement, and the restore can be repeated (fault E8)', async () => {
    const on = restoring.it;
    const { client } = on;
    const file = await on.backup('killed');
    const target = await on.emptyServer();
    const run = (after: number, ...args: string[]) =>
      runCommand('restore', target, [file, ...args], {
        NODE_OPTIONS: `--import ${killer}`,
        KILL_AFTER: String(after),
      });
    const whole = await on.emptyServer();
    expectDone(await runCommand('restore', whole, [file]));
    const complete = await copied(whole);

    let kills = 0;
    for (let after = 3; (await run(after)).code !== 0; after += 5) {
      kills++;
      if (await isUnused(target)) continue;
      // It was killed after the commit.
      expect(await copied(target)).toEqual(complete);
      break;
    }
    expect(kills).toBeGreaterThan(5);
    let replacements = 0;
    for (let after = 5; (await run(after, '--replace')).code !== 0; after += 12) {
      replacements++;
      expect(await copied(target), `killed after ${after} statements`).toEqual(complete);
    }
    expect(replacements).toBeGreaterThan(2);
    await on.instead(target, async () => {
      expect((await client.ask(NATIVE)).status).toBe(200);
      expect((await checkChain(target)).code).toBe(0);
    });
  });
});
