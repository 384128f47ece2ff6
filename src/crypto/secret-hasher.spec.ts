import { expect, it } from 'vitest';
import type { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import type { PeppersRepository } from './peppers.repository.js';
import type { Sealer } from './sealer.js';
import { SecretHasher } from './secret-hasher.js';

it('checks the first secret of an address after at most four checks of another that has queued forty (fault B4)', async () => {
  const hasher = new SecretHasher({} as PeppersRepository, {} as ConfigurationRevision, {} as Sealer);
  const secrets = [await hasher.hash('the chosen secret')];
  let before = 0;
  const flood = Array.from({ length: 40 }, (_, n) =>
    hasher.find(`guess ${n}`, secrets, '192.0.2.1').then(() => before++),
  );
  expect(await hasher.find('the chosen secret', secrets, '192.0.2.2')).toBe(secrets[0]);
  expect(before).toBeLessThanOrEqual(4);
  await Promise.all(flood);
});
