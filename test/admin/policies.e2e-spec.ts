import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { useLibrary } from '../support/library.js';
import { register } from '../support/registration.js';
import { expectProblem } from './answers.js';
import { allow, deny, linkTo } from './callers.js';

const library = useLibrary();
let root: Admin;

beforeAll(async () => {
  root = admin(library.server);
  for (const id of ['ann', 'bob']) await register(library.server, 'Client', id, {});
});

const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const head = (id: string, versionId = '1') => ({
  resourceType: 'AccessPolicy',
  id,
  meta: { versionId, createdAt: moment, lastUpdated: moment },
});
const RULES = [allow('book', '2019', '*'), deny('book', '2020', 'read', 'write'), allow('*', '*', 'zoom')];

describe('An AccessPolicy', () => {
  it('creates a policy with exactly the given members', async () => {
    const members = { engine: 'rules', link: linkTo('ann', 'bob'), rules: RULES };
    const made = await root.put('/AccessPolicy/made', members);
    expect(made.status, made.text).toBe(201);
    expect(made.body).toEqual({ ...head('made'), ...members });
    expect(made.headers.get('location')).toBe('/AccessPolicy/made');
    expect((await root.get('/AccessPolicy/made')).body).toEqual(made.body);
  });

  it('generates an id for a policy created by POST without one', async () => {
    const made = await root.post('/AccessPolicy', { engine: 'allow', link: linkTo('ann') });
    expect(made.status, made.text).toBe(201);
    expect(made.body).toEqual({ ...head(made.body.id), engine: 'allow', link: linkTo('ann') });
    expectProblem(
      await root.post('/AccessPolicy', { id: 'root', engine: 'allow', link: linkTo('ann') }),
      409,
    );
  });

  it('accepts a policy for everyone without links', async () => {
    const members = { engine: 'rules', everyone: true, rules: [allow('book', 'public', 'read')] };
    const { body } = await root.put('/AccessPolicy/everyone', members);
    expect(body).toEqual({ ...head('everyone'), ...members });
  });

  it('accepts links in both forms, shows one form, and removes duplicates', async () => {
    const link = [{ reference: 'Client/bob' }, ...linkTo('ann', 'bob')];
    const { body } = await root.put('/AccessPolicy/linked', { engine: 'allow', link, everyone: false });
    expect(body).toEqual({ ...head('linked'), engine: 'allow', link: linkTo('ann', 'bob') });
  });

  it('replaces a policy as a whole and patches it by member', async () => {
    await root.put('/AccessPolicy/changed', { engine: 'rules', link: linkTo('ann'), rules: RULES });
    const patched = await root.patch('/AccessPolicy/changed', { link: linkTo('bob') });
    expect(patched.body).toEqual({
      ...head('changed', '2'),
      engine: 'rules',
      link: linkTo('bob'),
      rules: RULES,
    });
    const allowing = await root.patch('/AccessPolicy/changed', { engine: 'allow', rules: null });
    expect(allowing.body).toEqual({ ...head('changed', '3'), engine: 'allow', link: linkTo('bob') });
    const rules = [deny('map', '*', 'zoom')];
    const replaced = await root.put('/AccessPolicy/changed', { engine: 'rules', everyone: true, rules });
    expect(replaced.body).toEqual({ ...head('changed', '4'), engine: 'rules', everyone: true, rules });
    const linked = await root.patch('/AccessPolicy/changed', { everyone: null, link: linkTo('ann') });
    expect(linked.body).toEqual({ ...head('changed', '5'), engine: 'rules', link: linkTo('ann'), rules });
  });

  it('deletes a policy with 204, and again with 204', async () => {
    await root.put('/AccessPolicy/deleted', { engine: 'allow', link: linkTo('ann') });
    for (const _ of [1, 2]) expect((await root.delete('/AccessPolicy/deleted')).status).toBe(204);
    expectProblem(await root.get('/AccessPolicy/deleted'), 404);
  });

  it('rejects a policy that applies to no client', async () => {
    for (const body of [
      { engine: 'allow' },
      { engine: 'rules', rules: RULES },
      { engine: 'allow', everyone: false },
      { engine: 'allow', link: [] },
    ]) {
      expectProblem(await root.put('/AccessPolicy/nobody', body), 422, ['link']);
    }
  });

  it.each([
    ['no engine', { link: linkTo('ann') }, ['engine']],
    ['an unknown engine', { engine: 'sql', link: linkTo('ann') }, ['engine']],
    ['no rules', { engine: 'rules', link: linkTo('ann') }, ['rules']],
    ['empty rules', { engine: 'rules', link: linkTo('ann'), rules: [] }, ['rules']],
    ['rules beside allow', { engine: 'allow', link: linkTo('ann'), rules: RULES }, ['rules']],
    ['everyone with allow', { engine: 'allow', everyone: true }, ['everyone']],
    [
      'everyone beside link',
      { engine: 'rules', everyone: true, link: linkTo('ann'), rules: RULES },
      ['link'],
    ],
    [
      'everyone that is no flag',
      { engine: 'rules', everyone: 'yes', link: linkTo('ann'), rules: RULES },
      ['everyone'],
    ],
  ])('rejects a policy with %s with 422', async (_, body, paths) => {
    expectProblem(await root.put('/AccessPolicy/wrong', body), 422, paths);
  });

  it('names the engine for rules beside allow, empty ones too (fault E2)', async () => {
    for (const rules of [[], RULES]) {
      const { body } = await root.put('/AccessPolicy/wrong', { engine: 'allow', link: linkTo('ann'), rules });
      expect(body.errors).toEqual([{ path: 'rules', message: 'is not allowed with the engine allow' }]);
    }
  });

  it.each([
    ['effect', { ...allow('book', '1', 'read'), effect: 'maybe' }],
    ['effect', { resource: 'book', identifier: '1', operations: ['read'] }],
    ['resource', { effect: 'allow', identifier: '1', operations: ['read'] }],
    ['resource', allow('nothing', '1', 'read')],
    ['resource', allow('BOOK', '1', 'read')],
    ['resource', allow('boo*', '1', 'read')],
    ['identifier', { effect: 'allow', resource: 'book', operations: ['read'] }],
    ['identifier', { ...allow('book', '1', 'read'), identifier: 2019 }],
    ['identifier', allow('book', '', 'read')],
    ['identifier', allow('book', '20*', 'read')],
    ['identifier', allow('book', '**', 'read')],
    ['identifier', allow('book', 'a:b', 'read')],
    ['identifier', allow('book', 'a b', 'read')],
    ['identifier', allow('book', 'é', 'read')],
    ['identifier', allow('book', 'x'.repeat(257), 'read')],
    ['operations', { effect: 'allow', resource: 'book', identifier: '1' }],
    ['operations', { ...allow('book', '1'), operations: 'read' }],
    ['operations', allow('book', '1')],
    ['operations[0]', allow('book', '1', 'fly')],
    ['operations[1]', allow('book', '1', 'read', 'zoom')],
    ['operations[1]', { ...allow('book', '1'), operations: ['read', 7] }],
    ['operations[0]', allow('*', '1', 'nowhere')],
    ['note', { ...allow('book', '1', 'read'), note: 'x' }],
  ])('rejects a rule with an invalid %s with 422 at its path', async (member, rule) => {
    const rules = [allow('book', '1', 'read'), rule];
    const answer = await root.put('/AccessPolicy/wrong', { engine: 'rules', link: linkTo('ann'), rules });
    expectProblem(answer, 422, [`rules[1].${member}`]);
  });

  it.each([
    ['link[0].id', { resourceType: 'Client', id: 'nobody' }],
    ['link[0].id', { resourceType: 'Client', id: 'ANN' }],
    ['link[0].id', { resourceType: 'Client', id: 'ann ' }],
    ['link[0].id', { resourceType: 'Client' }],
    ['link[0].resourceType', { resourceType: 'Resource', id: 'ann' }],
    ['link[0].resourceType', { id: 'ann' }],
    ['link[0].reference', { reference: 'Client/nobody' }],
    ['link[0].reference', { reference: 'Resource/book' }],
    ['link[0].reference', { reference: 'ann' }],
    ['link[0].reference', { reference: 'Client/ann/' }],
    ['link[0].display', { resourceType: 'Client', id: 'ann', display: 'Ann' }],
    ['link[0]', 'Client/ann'],
    ['link[0]', null],
    ['link[0]', ['ann']],
  ])('rejects an invalid link with 422: %s, %j', async (path, link) => {
    expectProblem(await root.put('/AccessPolicy/wrong', { engine: 'allow', link: [link] }), 422, [path]);
  });
});
