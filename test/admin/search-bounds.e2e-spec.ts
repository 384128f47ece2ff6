import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aClient, type TestClient } from '../support/registration.js';
import { allPages, expectProblem, idsOf, linkOf } from './answers.js';

const MIB = 1024 * 1024;
const SESSIONS = 40;

const library = useLibrary();
let root: Admin;
let client: TestClient;
let own: Admin;

/** About 60 KB of scope: as much as one request holds. */
const LONG_SCOPE = Array.from(
  { length: 240 },
  (_, n) => `diary:${String(n).padStart(4, '0')}${'x'.repeat(230)}:read`,
).join(' ');

beforeAll(async () => {
  root = admin(library.server);
  client = await aClient(library.server)
    .with({ grant_types: ['client_credentials', 'basic'] })
    .withEverything()
    .register();
  own = admin(library.server, client.basic);
  for (let n = 0; n < SESSIONS; n++) await client.token(NATIVE, { scope: LONG_SCOPE });
});

describe('Lists of large rows', () => {
  it.each(['/Session?_count=1000', '/Session?_count=1000&_total=none&_sort=id'])(
    'limits a page to 1 MiB and continues with its next link: %s (fault B5)',
    async (path) => {
      const list = `${path}&client=${client.id}`;
      const first = await root.get(list);
      expect(first.text.length).toBeLessThan(1.1 * MIB);
      expect(first.text.length).toBeGreaterThan(0.9 * MIB);
      expect(linkOf(first, 'next')).toBeDefined();
      const ids = (await allPages(root.get, list)).flatMap(idsOf);
      expect(ids).toHaveLength(SESSIONS);
      expect(new Set(ids).size).toBe(SESSIONS);
    },
  );

  it('limits a YAML page to 128 KiB, which takes longer to serialise (fault B5)', async () => {
    const list = await root.get(`/Session?_count=1000&client=${client.id}`, { accept: 'text/yaml' });
    expect(list.status).toBe(200);
    expect(list.text.length).toBeLessThan(160 * 1024);
  });

  it('rejects a numbered page that does not fit, since its successor would skip rows (fault B5)', async () => {
    const answer = await root.get(`/Session?_count=1000&_page=1&client=${client.id}`);
    expectProblem(answer, 400, ['_count']);
    expect(answer.body.errors[0].message).toMatch(
      /^must be at most \d+ for these rows, or follow the `next` links instead of _page$/,
    );
  });

  it('returns at least one row, however large', async () => {
    expect(idsOf(await root.get(`/Session?_count=1&client=${client.id}`))).toHaveLength(1);
  });
});

describe('Concurrent searches of one client', () => {
  it('delay neither lists of other clients nor tokens (fault B4, fault F8)', async () => {
    const asked = Array.from({ length: 60 }, () => own.get('/Session?_count=1000'));
    const [others, token, answers] = await Promise.all([
      root.get('/Client'),
      client.ask(NATIVE),
      Promise.all(asked),
    ]);
    expect(others.status, others.text).toBe(200);
    expect(token.status, token.text).toBe(200);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(answers.length - refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expectProblem(answer, 503);
      expect(answer.headers.get('retry-after')).toBe('1');
    }
  });
});
