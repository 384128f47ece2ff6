import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { asAdministrator, command, folderOf, startCommand } from '../../support/command-line.js';
import { startServer, type TestServer } from '../../support/server.js';

const SECRET = 'a-secret-of-the-vault-8231';

let server: TestServer;
let root: Admin;

beforeAll(async () => {
  server = await startServer();
  root = admin(server);
});

afterAll(() => server?.stop());

const latchkey = (args: readonly string[], env: Record<string, string> = {}) =>
  command({ ...asAdministrator(server), ...env }, args);

const client = (id: string, members: object = {}) => ({
  resourceType: 'Client',
  id,
  grant_types: ['client_credentials'],
  ...members,
});

const versionOf = async (path: string) => (await root.get(path)).body.meta.versionId;

describe('latchkey plan and apply', () => {
  it("make the server equal to the repository's example, and are repeatable", async () => {
    const folder = folderOf({});
    const example = fileURLToPath(new URL('../../../examples/config/library.yaml', import.meta.url));
    cpSync(example, join(folder, 'library.yaml'));
    const env = { API_CLIENT_SECRET: SECRET };
    const planned = await latchkey(['plan', '-f', folder], env);
    expect([planned.code, planned.err]).toEqual([2, '']);
    expect(planned.out).toContain('+ Client/api-client\n    +resourceType: Client\n');
    expect(planned.out).toContain('3 to create, 0 to change, 0 to delete, 0 unchanged.');
    expect(planned.out).not.toContain(SECRET);
    expect((await root.get('/Client/api-client')).status).toBe(404);
    const applied = await latchkey(['apply', '-f', folder], env);
    expect([applied.code, applied.out.split('\n').at(-2)]).toEqual([
      0,
      'Applied: 3 to create, 0 to change, 0 to delete, 0 unchanged.',
    ]);
    for (const name of ['plan', 'apply']) {
      const { code, out } = await latchkey([name, '-f', folder], env);
      expect([code, out]).toEqual([0, 'No changes: 3 documents are as the server has them.\n']);
    }
    const token = await command(
      { LATCHKEY_URL: server.url, LATCHKEY_CLIENT_ID: 'api-client', LATCHKEY_CLIENT_SECRET: SECRET },
      ['--json', 'token', 'get', '--audience', 'urn:library'],
    );
    expect(JSON.parse(token.out)).toMatchObject({ token_type: 'Bearer', scope: 'read' });
  });

  it('show what changes, as text, Markdown and JSON', async () => {
    const folder = folderOf({ 'one.json': client('changing', { name: 'Before' }) });
    await latchkey(['apply', '-f', folder]);
    writeFileSync(join(folder, 'one.json'), JSON.stringify(client('changing', { name: 'After' })));
    const text = await latchkey(['plan', '-f', folder]);
    expect(text.out).toContain('~ Client/changing\n');
    expect(text.out).toContain('    -name: Before\n    +name: After\n');
    const markdown = await latchkey(['plan', '-f', folder, '--markdown']);
    expect(markdown.out).toContain('```diff\n');
    expect(markdown.out).toContain('-name: Before\n+name: After\n');
    const { out } = await latchkey(['--json', 'plan', '-f', folder]);
    expect(JSON.parse(out).changes).toEqual([
      {
        action: 'change',
        type: 'Client',
        id: 'changing',
        before: expect.objectContaining({ name: 'Before' }),
        after: expect.objectContaining({ name: 'After' }),
      },
    ]);
  });

  it('report a changed secret without showing it, and keep one that a rotation has not ended', async () => {
    const file = 'resourceType: Client\nid: rotating\nsecretRef: env:ROTATING\n';
    const folder = folderOf({ 'client.yml': file });
    await latchkey(['apply', '-f', folder], { ROTATING: SECRET });
    await root.post('/Client/rotating/$rotate-secret', { overlap: 3600 });
    const version = await versionOf('/Client/rotating');
    expect((await latchkey(['apply', '-f', folder], { ROTATING: SECRET })).out).toContain('No changes');
    expect(await versionOf('/Client/rotating')).toBe(version);
    const { code, out } = await latchkey(['plan', '-f', folder], { ROTATING: `${SECRET}-new` });
    expect([code, out]).toEqual([
      2,
      '~ Client/rotating\n      the secret changes\n\n0 to create, 1 to change, 0 to delete, 0 unchanged.\n',
    ]);
  });

  it('delete only clients with the labels of the selector, and name each', async () => {
    const labels = { team: 'payments' };
    const folder = folderOf({ 'kept.json': client('kept', { labels }) });
    const both = folderOf({
      'all.yaml': `${JSON.stringify(client('kept', { labels }))}\n---\n${JSON.stringify(client('gone', { labels }))}\n`,
      'other.json': client('other', { labels: { team: 'search' } }),
    });
    expect((await latchkey(['apply', '-f', both])).code).toBe(0);
    expect((await latchkey(['plan', '-f', folder])).code).toBe(0);
    const prune = ['-f', folder, '--prune', '--selector', 'team=payments'];
    const planned = await latchkey(['plan', ...prune]);
    expect(planned.out).toMatch(/^- Client\/gone\n/);
    expect(planned.out).toContain('0 to create, 0 to change, 1 to delete, 1 unchanged.');
    expect((await latchkey(['apply', ...prune])).out).toContain('delete Client/gone\n');
    expect((await root.get('/Client/gone')).status).toBe(404);
    expect((await root.get('/Client/other')).status).toBe(200);
    expect((await latchkey(['plan', '-f', folder, '--prune'])).err).toContain('--prune needs --selector');
  });

  it('write nothing while one document is invalid, and name its file', async () => {
    const folder = folderOf({
      'a.json': client('fine'),
      'b/c.yaml': JSON.stringify(client('wrong', { active: 7 })),
    });
    for (const name of ['plan', 'apply']) {
      const { code, err } = await latchkey([name, '-f', folder]);
      expect(code).toBe(1);
      expect(err).toContain(`${join(folder, 'b/c.yaml')}: Client/wrong: 422`);
      expect(err).toContain('  active must be true or false');
    }
    expect((await root.get('/Client/fine')).status).toBe(404);
  });

  it.each<[string, Record<string, string | object>, string]>([
    ['a secret', { 'a.json': client('a', { secret: SECRET }) }, 'contains a secret: use secretRef'],
    ['a reference to nothing', { 'a.json': client('a', { secretRef: 'env:NOWHERE' }) }, 'is not set'],
    [
      'a malformed reference',
      { 'a.json': client('a', { secretRef: 'vault:x' }) },
      'must be env:NAME or file:PATH',
    ],
    ['a document twice', { 'a.json': client('a'), 'b.json': client('a') }, 'Client/a is also in'],
    ['another type', { 'a.json': { resourceType: 'Session', id: 'a' } }, 'resourceType must be one of'],
    ['no id', { 'a.json': { resourceType: 'Client' } }, 'a Client has no id'],
    ['what is not YAML', { 'a.yaml': 'a: [' }, 'a.yaml: '],
    ['nothing', {}, 'contains no document'],
  ])('reject a folder with %s', async (_, files, message) => {
    const { code, err } = await latchkey(['apply', '-f', folderOf(files)]);
    expect([code, err.includes(message), err]).toEqual([1, true, err]);
    expect(err).not.toContain(SECRET);
  });

  it('let one of two simultaneous applies win, and the other say so', async () => {
    const folders = ['One', 'Two'].map((name) =>
      folderOf({
        'all.json': client('contested', { name }),
        ...Object.fromEntries(
          Array.from({ length: 40 }, (_, at) => [`${at}.json`, client(`contested-${at}`, { name })]),
        ),
      }),
    );
    const ended = await Promise.all(folders.map((folder) => latchkey(['apply', '-f', folder])));
    const winners = ended.filter(({ code }) => code === 0);
    const name = (await root.get('/Client/contested')).body.name;
    for (let at = 0; at < 40; at++) {
      // All of one of them.
      expect((await root.get(`/Client/contested-${at}`)).body.name).toBe(name);
    }
    for (const { err } of ended.filter(({ code }) => code !== 0)) {
      expect(err).toMatch(/nothing was applied: the configuration was changed meanwhile|503/);
    }
    expect(winners.length).toBeGreaterThan(0);
  });

  it('leave all or nothing when they are killed', async () => {
    for (const delay of [150, 300, 450, 600, 900]) {
      const ids = Array.from({ length: 30 }, (_, at) => `killed-${delay}-${at}`);
      const folder = folderOf(Object.fromEntries(ids.map((id) => [`${id}.json`, client(id)])));
      const { child, ended } = startCommand(asAdministrator(server), ['apply', '-f', folder]);
      setTimeout(() => child.kill('SIGKILL'), delay);
      await ended;
      // A request that has arrived is completed.
      await root.patch('/Client/killed-barrier', {}, {}).catch(() => undefined);
      await root.put('/Client/killed-barrier', { name: `after ${delay}` });
      const found = await Promise.all(ids.map(async (id) => (await root.get(`/Client/${id}`)).status));
      expect(new Set(found).size, found.join(' ')).toBe(1);
    }
  });
});

describe('latchkey export', () => {
  const filesIn = (folder: string) =>
    Object.fromEntries(
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.yaml'))
        .sort()
        .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
    );

  it('is identical after it was applied to an empty server', async () => {
    const folder = join(folderOf({}), 'first');
    expect((await latchkey(['export', folder])).code).toBe(0);
    const first = filesIn(folder);
    expect(Object.keys(first)).toContain('Client/api-client.yaml');
    expect(Object.values(first).join('\n')).not.toMatch(/^(meta|secrets?):/m);
    const empty = await startServer();
    try {
      const env = asAdministrator(empty);
      const applied = await command(env, ['apply', '-f', folder]);
      expect([applied.code, applied.err]).toEqual([0, '']);
      const again = join(folderOf({}), 'again');
      await command(env, ['export', again]);
      expect(filesIn(again)).toEqual(first);
      rmSync(again, { recursive: true });
    } finally {
      await empty.stop();
    }
  });

  it('refuses a folder with files in it', async () => {
    const { code, err } = await latchkey(['export', folderOf({ 'a.yaml': '' })]);
    expect([code, err.includes('is not empty')]).toEqual([1, true]);
  });
});
