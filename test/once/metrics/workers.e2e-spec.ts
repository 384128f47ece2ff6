import { describe, expect, it } from 'vitest';
import { NATIVE } from '../../support/dialects.js';
import { type MeteredServer, startMetered } from '../../support/metrics.js';
import { aClient } from '../../support/registration.js';
import { everywhere, untilWorkers, workersOf } from '../../support/workers.js';

const issued = { dialect: 'native', outcome: 'issued' };

async function withTwoWorkers(work: (metered: MeteredServer) => Promise<void>): Promise<void> {
  const metered = await startMetered({ env: { LATCHKEY_WORKERS: '2' } });
  try {
    await untilWorkers(metered.server, 2);
    await work(metered);
  } finally {
    await metered.server.stop();
  }
}

describe('Metrics of two workers', { timeout: 90_000 }, () => {
  it('are one sum, which does not decrease when a worker dies', async () => {
    await withTwoWorkers(async ({ server, until, scrape }) => {
      const client = await aClient(server).withEverything().register();
      await everywhere(() => client.token(NATIVE), 24);
      const both = await until((series) => series.sum('latchkey_tokens_total', issued) === 24);
      expect(both.sum('latchkey_processes')).toBe(2);
      expect(both.sum('latchkey_processes_configured')).toBe(2);
      expect(both.sum('latchkey_database_up')).toBe(1);
      expect(both.sum('latchkey_sessions')).toBeLessThanOrEqual(24);

      const [first] = workersOf(server);
      process.kill(Number(first), 'SIGKILL');
      await until((series) => series.sum('latchkey_processes') === 1);
      expect((await scrape()).sum('latchkey_tokens_total', issued)).toBe(24);
      await untilWorkers(server, 3);
      await everywhere(() => client.token(NATIVE), 6);
      await until((series) => series.sum('latchkey_tokens_total', issued) === 30);
    });
  });
});
