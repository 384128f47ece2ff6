import { afterEach, expect, it, vi } from 'vitest';
import type { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import { FairLimiter } from '../runtime/fair-limiter.js';
import type { PeppersRepository } from './peppers.repository.js';
import type { Sealer } from './sealer.js';
import { SecretHasher } from './secret-hasher.js';

const FLOODING = '192.0.2.1';
const OTHER = '192.0.2.2';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The addresses in the order in which their checks begin; when they end depends on the machine. */
function begunChecks(): string[] {
  const begun: string[] = [];
  const { run } = FairLimiter.prototype;
  vi.spyOn(FairLimiter.prototype, 'run').mockImplementation(function (this: FairLimiter, address, check) {
    return run.call(this, address, () => {
      begun.push(address);
      return check();
    }) as never;
  });
  return begun;
}

it('checks the first secret of an address after at most four checks of another that has queued forty (fault B4)', async () => {
  const hasher = new SecretHasher({} as PeppersRepository, {} as ConfigurationRevision, {} as Sealer);
  const secrets = [await hasher.hash('the chosen secret')];
  const begun = begunChecks();
  const flood = Array.from({ length: 40 }, (_, n) => hasher.find(`guess ${n}`, secrets, FLOODING));
  expect(await hasher.find('the chosen secret', secrets, OTHER)).toBe(secrets[0]);
  expect(begun.slice(0, 5)).toContain(OTHER);
  await Promise.all(flood);
  expect(begun).toHaveLength(41);
});
