import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { useLibrary } from '../support/library.js';
import { aClient, aResource } from '../support/registration.js';
import { expectProblem } from './answers.js';
import { allow, deny, linkTo } from './callers.js';

const library = useLibrary();
let root: Admin;
let link: { resourceType: string; id: string }[];

beforeAll(async () => {
  root = admin(library.server);
  link = linkTo((await aClient(library.server).register()).id);
});

const policy = (id: string, ...rules: object[]) =>
  root.put(`/AccessPolicy/${id}`, { engine: 'rules', link, rules });

describe('Resources named by policies', () => {
  it('rejects deleting a resource named by a policy with 409 and a list of the policies', async () => {
    await aResource(library.server, 'named', ['read', 'write']);
    await policy('names-2', deny('named', '1', 'write'));
    await policy('names-1', allow('named', '*', '*'));
    await policy('names-not', allow('book', '*', 'read'));
    const refused = await root.delete('/Resource/named');
    expectProblem(refused, 409);
    expect(refused.body.policies).toEqual(['names-1', 'names-2']);
    expect((await root.get('/Resource/named')).status).toBe(200);
    await root.delete('/AccessPolicy/names-1');
    expect((await root.delete('/Resource/named')).body.policies).toEqual(['names-2']);
    await root.delete('/AccessPolicy/names-2');
    expect((await root.delete('/Resource/named')).status).toBe(204);
  });

  it('removes an operation that no policy names, and keeps one that a policy names', async () => {
    await aResource(library.server, 'shrinking', ['read', 'write', 'print']);
    await policy('reads', allow('shrinking', '1', 'read'));
    const drop = (...names: string[]) =>
      root.put('/Resource/shrinking', { operations: names.map((name) => ({ name })) });
    expect((await drop('read', 'write')).status).toBe(200);
    const refused = await drop('write');
    expectProblem(refused, 409);
    expect(refused.body.policies).toEqual(['reads']);
    expectProblem(await root.patch('/Resource/shrinking', { operations: [] }), 409);
    expectProblem(await root.put('/Resource/shrinking', {}), 409);
    expect((await root.get('/Resource/shrinking')).body.operations).toEqual([
      { name: 'read' },
      { name: 'write' },
    ]);
    await policy('reads', allow('shrinking', '1', '*'));
    expect((await drop('write')).status).toBe(200);
  });

  it('ignores a rule that has been replaced', async () => {
    await aResource(library.server, 'let-go', ['read']);
    await policy('changes', allow('let-go', '1', 'read'));
    await policy('changes', allow('book', '1', 'read'));
    expect((await root.delete('/Resource/let-go')).status).toBe(204);
  });

  it('ignores a name that differs in case', async () => {
    await aResource(library.server, 'cased', ['read', 'READ']);
    await aResource(library.server, 'CASED', ['read']);
    await policy('cases', allow('cased', '1', 'read'));
    expect((await root.delete('/Resource/CASED')).status).toBe(204);
    expect((await root.put('/Resource/cased', { operations: [{ name: 'read' }] })).status).toBe(200);
    expectProblem(await root.put('/Resource/cased', { operations: [{ name: 'READ' }] }), 409);
  });

  it('keeps the last resource with an operation named under *', async () => {
    await aResource(library.server, 'only', ['unique']);
    await aResource(library.server, 'also', ['unique']);
    await policy('everywhere', allow('*', '*', 'unique'));
    expect((await root.delete('/Resource/also')).status).toBe(204);
    const refused = await root.delete('/Resource/only');
    expectProblem(refused, 409);
    expect(refused.body.policies).toEqual(['everywhere']);
    await root.delete('/AccessPolicy/everywhere');
    expect((await root.delete('/Resource/only')).status).toBe(204);
  });
});

describe('References to missing objects', () => {
  it('rejects a reference to a deleted resource', async () => {
    await aResource(library.server, 'short-lived', ['read']);
    await root.delete('/Resource/short-lived');
    expectProblem(await policy('late', allow('short-lived', '1', 'read')), 422, ['rules[0].resource']);
  });

  it('rejects a reference to a deleted client', async () => {
    await root.put('/Client/short-lived', {});
    await root.delete('/Client/short-lived');
    const body = { engine: 'allow', link: linkTo('short-lived') };
    expectProblem(await root.put('/AccessPolicy/late', body), 422, ['link[0].id']);
    const resource = { introspection_clients: linkTo('short-lived') };
    expectProblem(await root.put('/Resource/late', resource), 422, ['introspection_clients[0].id']);
  });

  it('rejects an operation of another resource', async () => {
    expectProblem(await policy('wrong', allow('book', '1', 'zoom')), 422, ['rules[0].operations[0]']);
    expect((await policy('right', allow('*', '1', 'zoom'))).status).toBe(201);
  });
});

describe('Concurrent writes of a reference and its target', () => {
  it('never leave a policy that names a missing resource', async () => {
    for (let turn = 0; turn < 8; turn++) {
      await aResource(library.server, 'contested', ['read']);
      const [written, deleted] = await Promise.all([
        policy('contesting', allow('contested', '1', 'read')),
        root.delete('/Resource/contested'),
      ]);
      const exists = (await root.get('/Resource/contested')).status === 200;
      const named = (await root.get('/AccessPolicy/contesting')).status === 200;
      expect([201, 422]).toContain(written.status);
      expect([204, 409]).toContain(deleted.status);
      expect(exists, `${written.status} ${deleted.status}`).toBe(named);
      await root.delete('/AccessPolicy/contesting');
    }
  });

  it('never leave a link to a missing client', async () => {
    for (let turn = 0; turn < 8; turn++) {
      await root.put('/Client/contested', {});
      const body = { engine: 'allow', link: linkTo('contested') };
      await Promise.all([root.put('/AccessPolicy/contesting', body), root.delete('/Client/contested')]);
      const { status, body: left } = await root.get('/AccessPolicy/contesting');
      expect(status, JSON.stringify(left)).toBe(404);
    }
  });
});
