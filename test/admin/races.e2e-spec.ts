import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import type { Answer } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { aClient, TestClient } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';
import { idsOf } from './answers.js';
import { allow, linkTo, withToken } from './callers.js';

const library = useLibrary();
let beside: TestServer;
/** The same administrator at two processes that share the database. */
let rests: Admin[];

beforeAll(async () => {
  beside = await startServer({ beside: library.server });
  rests = [admin(library.server), admin(beside)];
});

afterAll(async () => {
  await beside?.stop();
});

const MANY = 50;
const turns = (each: (rest: Admin, turn: number) => Promise<Answer>): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: MANY }, (_, turn) =>
      untilServed(() => each(rests[turn % rests.length] as Admin, turn)),
    ),
  );

/** What did not get its turn in time is 503 and was not done: a slow machine has it asked again, as Retry-After says. */
async function untilServed(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
  }
}
const policy = { engine: 'rules', link: linkTo('root'), rules: [allow('book', '1', 'read')] };

describe('50 creations of one id at once, at two processes (A13, ASVS 2.3.3)', () => {
  it.each([
    ['Client', {}],
    ['Resource', { audience: 'urn:race' }],
    ['AccessPolicy', policy],
  ])('answers concurrent POSTs of /%s with one 201 and 49 times 409', async (type, members) => {
    const answers = await turns((rest) => rest.post(`/${type}`, { id: 'posted-race', ...members }));
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array(MANY - 1).fill(409)]);
    expect((await rests[1]!.get(`/${type}/posted-race`)).body.meta.versionId).toBe('1');
  });

  it.each([
    ['Client', (turn: number) => ({ name: `turn ${turn}` })],
    ['Resource', (turn: number) => ({ name: `turn ${turn}`, audience: 'urn:put-race' })],
    ['AccessPolicy', (turn: number) => ({ ...policy, rules: [allow('book', String(turn), 'read')] })],
  ])(
    'answers concurrent PUTs of /%s/:id with one 201 and otherwise 200, each with its own version',
    async (type, members) => {
      const answers = await turns((rest, turn) => rest.put(`/${type}/put-race`, members(turn)));
      expect(answers.map(({ status }) => status).sort()).toEqual([...Array(MANY - 1).fill(200), 201]);
      const versions = answers.map(({ body }) => Number(body.meta.versionId)).sort((a, b) => a - b);
      expect(versions).toEqual(Array.from({ length: MANY }, (_, n) => n + 1));
      expect(answers.find(({ status }) => status === 201)?.body.meta.versionId).toBe('1');
    },
  );

  it('answers concurrent PUTs with If-None-Match: * with one 201 and 49 times 412', async () => {
    const answers = await turns((rest) => rest.put('/Client/once-race', {}, { 'if-none-match': '*' }));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(MANY - 1).fill(412)]);
  });

  it('answers concurrent DELETEs all with 204', async () => {
    const answers = await turns((rest) => rest.delete('/Client/once-race'));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
  });

  it('leaves no partial client after concurrent creations and deletions', async () => {
    const answers = await turns((rest, turn) =>
      turn % 3 === 0
        ? rest.delete('/Client/mixed')
        : rest.put('/Client/mixed', { secret: null, name: `turn ${turn}` }),
    );
    for (const { status, text } of answers) expect([200, 201, 204], text).toContain(status);
    const left = await rests[0]!.get('/Client/mixed');
    expect([200, 404]).toContain(left.status);
    expect(idsOf(await rests[1]!.get('/Client?_id=mixed'))).toHaveLength(left.status === 200 ? 1 : 0);
  });
});

describe('Concurrent rotations of a secret', () => {
  it('leave one secret, and one version for each rotation', async () => {
    const { id, secret } = await aClient(library.server).register();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, turn) => rests[turn % 2]!.post(`/Client/${id}/$rotate-secret`)),
    );
    const versions = answers.map(({ body }) => Number(body.meta.versionId)).sort((a, b) => a - b);
    expect(versions).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const secrets = [secret, ...answers.map(({ body }) => body.secret)];
    const opening = async () => {
      const asked = secrets.map((one) => new TestClient(library.server, id, one).ask(NATIVE));
      return (await Promise.all(asked)).filter(({ status }) => status === 200).length;
    };
    // What the other process wrote is known here within a second.
    await expect.poll(opening, { timeout: 2_000 }).toBe(1);
  });
});

describe('Visibility of writes between processes', () => {
  it('shows a write immediately in its process and within a second in another', async () => {
    const [here, there] = rests as [Admin, Admin];
    const client = await aClient(library.server).withGrant('Client:*:read').register();
    const tokens = await Promise.all([client.token(NATIVE), client.token(NATIVE)]);
    const readsAt = async (server: TestServer, token: string) =>
      (await withToken(server, token).get('/Client')).status;
    expect(await readsAt(library.server, tokens[0])).toBe(200);
    await expect.poll(() => readsAt(beside, tokens[0]), { timeout: 1_500 }).toBe(200);
    await here.delete(`/AccessPolicy/${client.id}`);
    expect(await readsAt(library.server, tokens[0])).toBe(403);
    await expect.poll(() => readsAt(beside, tokens[0]), { timeout: 1_500 }).toBe(403);
    expect((await there.get(`/AccessPolicy/${client.id}`)).status).toBe(404);
  });

  it('closes a session immediately in every process', async () => {
    const client = await aClient(library.server).withGrant('Client:*:read').register();
    const token = await client.token(NATIVE);
    await expect
      .poll(async () => (await withToken(beside, token).get('/Client')).status, { timeout: 1_500 })
      .toBe(200);
    await withToken(library.server, token).delete('/Session');
    expect((await withToken(beside, token).get('/Client')).status).toBe(401);
    const second = await client.token(NATIVE);
    expect((await withToken(beside, second).get('/Client')).status).toBe(200);
    await rests[0]!.patch(`/Client/${client.id}`, { active: false });
    expect((await withToken(beside, second).get('/Client')).status).toBe(401);
  });
});
