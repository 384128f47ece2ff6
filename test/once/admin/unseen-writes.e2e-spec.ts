import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, allow, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import type { Answer } from '../../support/http.js';
import { ATLAS, LIBRARY, useLibrary } from '../../support/library.js';
import { aClient, aResource, register } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;
let made = 0;

const nextId = () => `unseen-${++made}`;

beforeAll(() => {
  root = admin(library.server);
});

/** What a caller learns from the outcome of a write; the versions and times of the document are no secret. */
const outcome = ({ status, body, headers }: Answer) => {
  const { meta, ...rest } = body;
  return { status, rest, challenge: headers.get('www-authenticate'), hasVersion: meta !== undefined };
};

const versionOf = async (path: string) => Number((await root.get(path)).body.meta.versionId);

/** The document as it is shown, without its `meta`. */
async function documentAt(path: string): Promise<Record<string, unknown>> {
  const { meta: _, ...document } = (await root.get(path)).body;
  return document;
}

interface Guesses {
  path: string;
  /** Each pair: what is stored, and something else. */
  puts: [object, object];
  patches: [object, object][];
}

async function aGuessedClient(): Promise<Guesses> {
  const id = nextId();
  await aClient(library.server, id)
    .with({ grant_types: ['client_credentials'] })
    .withTokens({ audience: [LIBRARY], token_format: 'jwt' })
    .withGrant('book:1:read')
    .register();
  const { secrets: _, last_uses: __, ...form } = await documentAt(`/Client/${id}`);
  const tokens = (members: object) => ({ auth: { client_credentials: members } });
  return {
    path: `/Client/${id}`,
    puts: [form, { ...form, grant_types: ['basic'] }],
    patches: [
      [{ grant_types: ['client_credentials'] }, { grant_types: ['basic'] }],
      [tokens({ audience: [LIBRARY] }), tokens({ audience: [ATLAS] })],
      [tokens({ token_format: 'jwt' }), tokens({ token_format: 'opaque' })],
      [{ token_quota: null }, { token_quota: { per_hour: 1 } }],
      [{ active: true }, { active: false }],
    ],
  };
}

async function aGuessedResource(): Promise<Guesses> {
  const id = nextId();
  const operations = [{ name: 'read' }, { name: 'lend' }];
  await aResource(library.server, id, ['read', 'lend'], { audience: LIBRARY });
  return {
    path: `/Resource/${id}`,
    puts: [
      { operations, audience: LIBRARY },
      { operations, audience: ATLAS },
    ],
    patches: [
      [{ audience: LIBRARY }, { audience: ATLAS }],
      [{ introspection_clients: [] }, { introspection_clients: linkTo('root') }],
      [{ token: {} }, { token: { access_token_expiration: 60 } }],
    ],
  };
}

async function aGuessedPolicy(): Promise<Guesses> {
  const id = nextId();
  const subject = await aClient(library.server).register();
  const link = linkTo(subject.id);
  const rules = [allow('diary', '7', 'read')];
  const others = [allow('diary', '8', 'read')];
  await register(library.server, 'AccessPolicy', id, { engine: 'rules', link, rules });
  return {
    path: `/AccessPolicy/${id}`,
    puts: [
      { engine: 'rules', link, rules },
      { engine: 'rules', link, rules: others },
    ],
    patches: [
      [{ rules }, { rules: others }],
      [{ link }, { link: linkTo('root') }],
    ],
  };
}

describe.each([
  ['Client', aGuessedClient],
  ['Resource', aGuessedResource],
  ['AccessPolicy', aGuessedPolicy],
])('A write of a %s by a caller that may update but not read it', (type, guessed) => {
  it('is rejected alike whether it changes something or not, where the caller does not hold what it gives (fault A2)', async () => {
    const { path, puts, patches } = await guessed();
    const id = path.split('/')[2] as string;
    const blind = await aCaller(library.server, `${type}:${id}:update`);
    const sendTo = { put: blind.rest.put, patch: blind.rest.patch };
    for (const [method, [same, other]] of [
      ['put', puts] as const,
      ...patches.map((pair) => ['patch', pair] as const),
    ]) {
      const answers = [await sendTo[method](path, same), await sendTo[method](path, other)];
      for (const answer of answers) {
        expectProblem(answer, 403);
        expect(answer.body.detail).toBe(
          `the write gives or takes away permissions that the caller does not have; with ${type}:${id}:read the response names them`,
        );
      }
      expect(outcome(answers[0] as Answer)).toEqual(outcome(answers[1] as Answer));
    }
    expect(await versionOf(path)).toBe(1);
  });

  it('is carried out alike whether it changes something or not, where the caller holds everything (fault A2)', async () => {
    const { path, puts, patches } = await guessed();
    const id = path.split('/')[2] as string;
    const policyId = nextId();
    const blind = await aCaller(library.server);
    await register(library.server, 'AccessPolicy', policyId, {
      engine: 'rules',
      link: linkTo(blind.id),
      rules: [
        ...['Client', 'Resource', 'AccessPolicy', 'Session', 'SigningKey', 'AuditEvent', '*'].map((name) =>
          allow(name, '*', '*'),
        ),
        { ...allow(type, id, 'read'), effect: 'deny' },
      ],
    });
    const sendTo = { put: blind.rest.put, patch: blind.rest.patch };
    let version = 1;
    for (const [method, [same, other]] of [
      ['put', puts] as const,
      ...patches.map((pair) => ['patch', pair] as const),
    ]) {
      const answers: Answer[] = [];
      for (const body of [same, other, same]) {
        const answer = await sendTo[method](path, body);
        version++;
        expect([answer.status, answer.headers.get('etag')], answer.text).toEqual([200, `"${version}"`]);
        answers.push(answer);
      }
      expect(outcome(answers[0] as Answer)).toEqual(outcome(answers[1] as Answer));
      expect(await versionOf(path)).toBe(version);
    }
  });

  // Any write of a policy requires holding all that its rules allow.
  it.skipIf(type === 'AccessPolicy')(
    'may describe it without holding anything, also with the name that it has (fault A2)',
    async () => {
      const { path } = await guessed();
      const id = path.split('/')[2] as string;
      const blind = await aCaller(library.server, `${type}:${id}:update`);
      for (const [at, name] of ['Named', 'Named', 'Other'].entries()) {
        const { status, body } = await blind.rest.patch(path, { name });
        expect([status, Object.keys(body), body.meta.versionId]).toEqual([
          200,
          ['resourceType', 'id', 'meta'],
          String(at + 2),
        ]);
      }
      expect(await documentAt(path)).toMatchObject({ name: 'Other' });
    },
  );

  it('creates no version where the caller may read it and it changes nothing', async () => {
    const { path, puts, patches } = await guessed();
    const id = path.split('/')[2] as string;
    const reader = await aCaller(library.server, `${type}:${id}:update,read`);
    expect((await reader.rest.put(path, puts[0])).status).toBe(200);
    for (const [same] of patches) expect((await reader.rest.patch(path, same)).status).toBe(200);
    expect(await versionOf(path)).toBe(1);
  });
});

/** A Bundle of one write; answers its entry, or the problem. */
async function rehearse(rest: Admin, method: string, path: string, resource: object) {
  const entry = [{ request: { method, url: path }, resource }];
  const answer = await rest.post('/?_dryRun=true', { resourceType: 'Bundle', type: 'transaction', entry });
  if (answer.status !== 200) return { status: answer.status, detail: answer.body.detail };
  const { resource: document, response } = answer.body.entry[0];
  const { lastUpdated: _, ...meta } = document.meta;
  return { status: 200, document: { ...document, meta }, response: { ...response, lastModified: undefined } };
}

describe('The dry run of a Bundle', () => {
  it('is alike whether it would change something or not, for a caller that may not read it (fault A2)', async () => {
    const { path, puts, patches } = await aGuessedPolicy();
    const id = path.split('/')[2] as string;
    const weak = await aCaller(library.server, `AccessPolicy:${id}:update`);
    const strong = await aCaller(library.server, `AccessPolicy:${id}:update`, 'diary:*:*');
    const [rules] = patches;
    for (const [method, [same, other]] of [
      ['PUT', puts] as const,
      ['PATCH', rules as typeof puts] as const,
    ]) {
      const refused = await rehearse(weak.rest, method, path, same);
      expect(refused.status).toBe(403);
      expect(refused).toEqual(await rehearse(weak.rest, method, path, other));
      const changed = await rehearse(strong.rest, method, path, same);
      expect(changed).toMatchObject({ status: 200, response: { outcome: 'changed', etag: '"2"' } });
      expect(changed).toEqual(await rehearse(strong.rest, method, path, other));
    }
    expect(await versionOf(path)).toBe(1);
  });

  it('shows whether a secret is right only to a caller that may rotate it (faults A2, E2)', async () => {
    const client = await aClient(library.server).with({ secret: 'a-right-one-of-it' }).register();
    const trying = async (rest: Admin) => [
      await rehearse(rest, 'PATCH', `/Client/${client.id}`, { secret: 'a-right-one-of-it' }),
      await rehearse(rest, 'PATCH', `/Client/${client.id}`, { secret: 'a-wrong-one-of-it' }),
    ];
    const updater = await aCaller(library.server, `Client:${client.id}:read,update`);
    const [right, wrong] = await trying(updater.rest);
    expect([right?.status, right?.response?.outcome]).toEqual([200, 'changed']);
    const shown = (answer: typeof right) => ({ ...answer, document: { ...answer?.document, secrets: 0 } });
    expect(shown(right)).toEqual(shown(wrong));
    const outcomes = (await trying(root)).map((answer) => answer.response?.outcome);
    expect(outcomes).toEqual(['unchanged', 'changed']);
  });
});
