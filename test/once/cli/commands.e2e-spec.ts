import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { asAdministrator, command, folderOf } from '../../support/command-line.js';
import { NATIVE } from '../../support/dialects.js';
import { LIBRARY, useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();
let env: Record<string, string>;

beforeAll(() => {
  env = asAdministrator(library.server);
});

const latchkey = (args: readonly string[], input = '', more: Record<string, string> = {}) =>
  command({ ...env, ...more }, args, input);

describe('The documents of a type', () => {
  it('are created from standard input, read, found and deleted', async () => {
    const made = await latchkey(['--json', 'client', 'create'], 'id: made\nname: Made\n');
    expect([made.code, made.err]).toEqual([0, '']);
    expect(JSON.parse(made.out)).toMatchObject({ id: 'made', secret: expect.stringMatching(/^lks_/) });
    expect((await latchkey(['client', 'get', 'made'])).out).toContain('name: Made\n');
    const found = JSON.parse((await latchkey(['--json', 'client', 'list', '-q', 'name=made'])).out);
    expect(found.map(({ id }: { id: string }) => id)).toEqual(['made']);
    const rehearsed = await latchkey(['--json', 'client', 'delete', 'made', '--dry-run']);
    expect(JSON.parse(rehearsed.out).deleted).toEqual([{ resourceType: 'Client', id: 'made' }]);
    expect((await latchkey(['client', 'delete', 'made'])).out).toBe('Client/made does not exist any more.\n');
    const gone = await latchkey(['client', 'get', 'made']);
    expect([gone.code, gone.err]).toEqual([1, 'GET /Client/made: 404, there is no Client made\n']);
  });

  it('are edited in $EDITOR, and written only if something changed', async () => {
    await aClient(library.server, 'edited').register();
    const folder = folderOf({});
    const editor = join(folder, 'edit.mjs');
    const rename = `import { readFileSync, writeFileSync } from 'node:fs';
const file = process.argv.at(-1);
writeFileSync(file, readFileSync(file, 'utf8') + 'name: Edited\\n');`;
    writeFileSync(editor, rename);
    const edited = await latchkey(['client', 'edit', 'edited'], '', {
      EDITOR: `${process.execPath} ${editor}`,
    });
    expect([edited.code, edited.err]).toEqual([0, '']);
    expect(edited.out).toContain('name: Edited\n');
    const kept = await latchkey(['client', 'edit', 'edited'], '', { EDITOR: 'true' });
    expect(kept.out).toBe('Nothing was changed.\n');
  });

  it('get a new secret', async () => {
    const client = await aClient(library.server).register();
    const { out } = await latchkey(['--json', 'client', 'rotate', client.id, '--overlap', '60']);
    expect(JSON.parse(out).secret).toMatch(/^lks_/);
    const rotation = await latchkey(['client', 'rotation', client.id, '--idle', '1d']);
    expect(rotation.out.match(/code: not_used_yet/g)).toHaveLength(2);
    const made = await latchkey(['--json', 'client', 'hand-over', client.id, '--expires-in', '60']);
    expect(JSON.parse(made.out).link).toMatch(/\/hand-over#lkh_/);
    expect((await latchkey(['session', 'list', '-q', `client=${client.id}`])).out).toBe('[]\n');
  });
});

describe('The usage of clients', () => {
  it('is shown of one client, and the unused grants of all', async () => {
    const client = await aClient(library.server, 'measured').withGrant('book:*:read').register();
    const { out } = await latchkey(['--json', 'client', 'usage', client.id, '--days', '7']);
    expect(JSON.parse(out)).toMatchObject({
      tokens: 0,
      scopes: { days: 7, granted: ['book:*:read'], used: [] },
    });
    expect((await latchkey(['client', 'usage', client.id])).out).toContain('days: 90\n');
    const all = JSON.parse((await latchkey(['--json', 'client', 'usage'])).out);
    expect(all).toContainEqual(expect.objectContaining({ id: 'measured', granted_total: 1 }));
    const refused = await latchkey(['client', 'usage', client.id, '--days', '401']);
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringContaining('days must be a number from 1 to 400'),
    ]);
  });
});

describe('A leaked credential', () => {
  it('is shown with its permissions, and its client is contained', async () => {
    const client = await aClient(library.server).withGrant('book:*:read').register();
    const { out } = await latchkey(['--json', 'client', 'blast-radius', client.id]);
    expect(JSON.parse(out).permissions).toMatchObject([{ resource: 'book' }]);
    const contained = await latchkey(['--json', 'client', 'contain', client.id, '--reason', 'leaked']);
    expect(JSON.parse(contained.out)).toMatchObject({ active: false, exact: true });
    expect((await latchkey(['audit', 'list', '-q', `client=${client.id}`])).out).toContain('reason: leaked');
  });
});

describe('Tokens', () => {
  it('are issued to the client of the credentials, and inspected on standard input', async () => {
    const client = await aClient(library.server)
      .withTokens({ token_format: 'jwt' })
      .withGrant('book:*:read')
      .register();
    const as = { LATCHKEY_CLIENT_ID: client.id, LATCHKEY_CLIENT_SECRET: client.secret };
    const { out: token } = await latchkey(['token', 'get', '--scope', 'book:1:read'], '', as);
    const decoded = JSON.parse((await latchkey(['--json', 'token', 'decode'], token)).out);
    expect(decoded.claims).toMatchObject({ sub: client.id, scope: 'book:1:read' });
    const seen = JSON.parse((await latchkey(['--json', 'token', 'introspect'], token, as)).out);
    expect(seen).toMatchObject({ active: true, client_id: client.id });
    const right = await latchkey(['token', 'verify', '--scope', 'book:1:read'], token);
    const wrong = await latchkey(['--json', 'token', 'verify', '--scope', 'book:1:write'], token);
    expect([right.code, wrong.code, JSON.parse(wrong.out).outcome]).toEqual([0, 1, 'insufficient_scope']);
    expect((await latchkey(['token', 'decode'], 'opaque')).err).toContain('not a JWT');
  });

  it('are explained with their grants', async () => {
    const client = await aClient(library.server).withGrant('book:1:read').register();
    const { out } = await latchkey(['--json', 'explain', client.id, '--scope', 'book:1:read book:2:read']);
    expect(JSON.parse(out).items.map(({ granted }: { granted: boolean }) => granted)).toEqual([true, false]);
    const who = await latchkey(['--json', 'who-can', '--scope', 'book:1:read']);
    expect(JSON.stringify(JSON.parse(who.out))).toContain(client.id);
  });
});

describe('A policy', () => {
  it('is compared with the stored one before it is written', async () => {
    const client = await aClient(library.server).withGrant('book:1:read', 'book:2:read').register();
    await client.token(NATIVE, { scope: 'book:2:read' });
    const proposed = `id: ${client.id}
engine: rules
link: [{resourceType: Client, id: ${client.id}}]
rules: [{effect: allow, resource: book, identifier: '1', operations: [read]}]
`;
    const file = join(folderOf({ 'policy.yaml': proposed }), 'policy.yaml');
    const { out } = await latchkey(['policy', 'difference', '-f', file]);
    expect(out).toMatch(/^1 client would lose 1 permission, 0 clients would gain 0 permissions\.\n/);
    expect(out).toContain(
      `  ${client.id}\n    - book:2:read (${LIBRARY})\nOf 1 token request of these clients since `,
    );
    expect(out).toContain(', 1 would have been refused and 0 narrowed.');
    expect(out).toContain(
      `  1 x ${client.id}: refused (invalid_scope), scope book:2:read, without book:2:read, last `,
    );
    const json = await latchkey(['--json', 'policy', 'difference', '--days', '0'], proposed);
    expect(JSON.parse(json.out)).toMatchObject({ lost: 1, clients_losing: 1 });
    expect((await latchkey(['policy', 'difference', '--days', '31'], proposed)).err).toContain('days');
  });
});

describe('Credentials', () => {
  it('are remembered by login in a file for the user only, and forgotten by logout', async () => {
    const { url, adminId, adminSecret } = library.server;
    const HOME = folderOf({});
    const at = (...args: string[]) => command({ HOME }, args);
    expect((await at('whoami')).err).toContain('run `latchkey login`');
    const login = ['login', '--url', url, '--client-id', adminId];
    const refused = await command({ HOME }, login, 'not this one');
    expect([refused.code, refused.err.includes('rejects the secret')]).toEqual([1, true]);
    const { code, out } = await command({ HOME }, login, adminSecret);
    expect([code, out.includes(adminSecret)]).toEqual([0, false]);
    expect(statSync(join(HOME, '.config/latchkey/default.json')).mode & 0o777).toBe(0o600);
    expect((await at('whoami')).out).toContain(`client_id: ${adminId}`);
    expect((await at('doctor')).out).toMatch(/^ok {3}readiness: the server is ready\nok {3}clock: /);
    await at('logout');
    expect((await at('whoami')).code).toBe(1);
  });

  it('must be complete, and for a reachable server', async () => {
    const half = await command({ LATCHKEY_CLIENT_ID: 'root' }, ['client', 'list']);
    expect(half.err).toContain('LATCHKEY_CLIENT_SECRET');
    const nowhere = await latchkey(['client', 'list'], '', { LATCHKEY_URL: 'http://127.0.0.1:9' });
    expect([nowhere.code, nowhere.err.includes('cannot be reached')]).toEqual([1, true]);
    const unknown = await latchkey(['clients', 'list']);
    expect([unknown.code, unknown.err.includes("unknown command 'clients'")]).toEqual([1, true]);
  });
});
