import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, idsOf, send } from '../admin/answers.js';
import { allow, linkTo } from '../admin/callers.js';
import { type Admin, admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { type Answer, bearer } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { aClient, aResource, register } from '../support/registration.js';

const library = useLibrary();
let root: Admin;
let nobody: { authorization: string };
let session: string;

/** Far above what an answer takes on a slow machine, far below what quadratic work took. */
const LIMIT_MS = 8_000;

beforeAll(async () => {
  root = admin(library.server);
  const client = await aClient(library.server).register();
  nobody = bearer(await client.token(NATIVE));
  [session = ''] = idsOf(await root.get(`/Session?client=${client.id}`));
});

const inTime = async (ask: () => Promise<Answer>): Promise<Answer> => {
  const start = performance.now();
  const answer = await ask();
  expect(performance.now() - start).toBeLessThan(LIMIT_MS);
  return answer;
};

const count = (length: number, text: (n: number) => string) =>
  Array.from({ length }, (_, n) => text(n)).join('');
const BODIES: [string, string, string][] = [
  ['members in YAML', 'text/yaml', count(50_000, (n) => `k${n}: 1\n`)],
  ['members in a YAML flow', 'text/yaml', `{${count(40_000, (n) => `k${n}: 1,`)}}`],
  ['items in YAML', 'text/yaml', `a: [${'x,'.repeat(200_000)}x]`],
  ['closing brackets in YAML', 'text/yaml', ']'.repeat(400_000)],
  ['open quotes in YAML', 'text/yaml', '- "\n'.repeat(100_000)],
  ['aliases in YAML', 'text/yaml', `a: &a x\nb: [${'*a,'.repeat(150_000)}*a]`],
  ['members in JSON', 'application/json', `{${count(40_000, (n) => `"k${n}":1,`)}"k":1}`],
  ['lists in JSON', 'application/json', '['.repeat(500_000)],
];

describe('Callers without permissions', () => {
  it.each(BODIES)('cannot make the server parse a body of many %s', async (_, type, body) => {
    const headers = { ...nobody, 'content-type': type };
    for (const [method, path] of [
      ['POST', '/Client'],
      ['PUT', '/Client/x'],
      ['PATCH', '/Client/root'],
      ['POST', '/AccessPolicy/$explain'],
    ] as const) {
      expectProblem(await inTime(() => send(library.server, method, path, body, headers)), 403);
    }
    const own = await inTime(() => send(library.server, 'PATCH', `/Session/${session}`, body, headers));
    expectProblem(own, 413);
  });
});

describe('Callers that may write', () => {
  it.each(BODIES.filter(([what]) => /members|lists/.test(what)))(
    'get an answer soon for a body of many %s',
    async (_, type, body) => {
      const client = await aClient(library.server)
        .with({ grant_types: ['basic'] })
        .withGrant('Client:*:create')
        .register();
      const headers = { ...client.basic, 'content-type': type };
      const status = type === 'text/yaml' ? 413 : 400;
      expectProblem(await inTime(() => send(library.server, 'POST', '/Client', body, headers)), status);
    },
  );
});

describe('Requests with many rules, operations and items', () => {
  beforeAll(async () => {
    const names = Array.from({ length: 1_000 }, (_, n) => `op-${n}`);
    await aResource(library.server, 'wide', names);
    const client = await aClient(library.server, 'many').register();
    const rules = names.map((_, n) => allow('wide', `i-${n}`, 'op-999'));
    await register(library.server, 'AccessPolicy', 'many', {
      engine: 'rules',
      link: linkTo(client.id),
      rules,
    });
  });

  it('are explained soon, with as many suggestions as are searched for', async () => {
    const one = await inTime(() =>
      root.post('/AccessPolicy/$explain', { client: 'many', scope: 'wide:i-7:op-1' }),
    );
    expect(one.body.items[0].suggest[0]).toBe('wide:i-7:op-999');
    const scope = Array.from({ length: 1_000 }, (_, n) => `wide:i-${n}:op-1`).join(' ');
    const all = await inTime(() => root.post('/AccessPolicy/$explain', { client: 'many', scope }));
    expect(all.body.items).toHaveLength(1_000);
  });

  it('are answered soon by $who-can', async () => {
    for (let n = 0; n < 30; n++) {
      const rules = Array.from({ length: 200 }, (_, at) => allow('book', `${n}-${at}`, 'read'));
      await register(library.server, 'AccessPolicy', `p-${n}`, {
        engine: 'rules',
        link: linkTo('many'),
        rules,
      });
    }
    const scope = Array.from({ length: 2_000 }, (_, n) => `book:${n}:read`).join(' ');
    const answer = await inTime(() => root.post('/AccessPolicy/$who-can', { scope }));
    expect(answer.body.clients).toEqual(linkTo('root'));
  });
});
