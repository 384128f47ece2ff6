import { describe, expect, it } from 'vitest';
import { lockDatabase } from '../support/database-lock.js';
import { get } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { query } from '../support/query.js';
import { engine } from '../support/server.js';
import { refusedSoon, servesAgain } from '../support/timed.js';

const library = useLibrary();
const ready = () => get(`${library.server.url}/health/ready`);

describe('Readiness', { timeout: 60_000 }, () => {
  it('is true while a token could be issued, and leaves no row behind (fault F13)', async () => {
    const count = async () => (await query(library.server, 'SELECT COUNT(*) AS rows_there FROM session'))[0];
    const before = await count();
    for (let asked = 0; asked < 3; asked++) {
      const { status, body } = await ready();
      expect([status, body]).toEqual([200, expect.objectContaining({ status: 'ready' })]);
      await new Promise((resolve) => setTimeout(resolve, 1100));
    }
    expect(await count()).toEqual(before);
  });

  it.skipIf(engine !== 'sqlite')(
    'is false while another process holds the database, and true soon after (fault F13)',
    async () => {
      await servesAgain(ready);
      const unlock = lockDatabase(library.server);
      const { body } = await refusedSoon(ready);
      expect(body).toEqual({ check: 'write', status: 'the database is locked or too slow' });
      expect((await get(`${library.server.url}/health/live`)).status).toBe(200);
      unlock();
      expect(await servesAgain(ready)).toBeLessThan(8000);
    },
  );
});
