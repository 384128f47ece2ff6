import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../../support/command-line.js';
import { aTenant } from './exports.js';
import { useImports } from './imports.js';

const imports = useImports();

describe('latchkey import -o', () => {
  it('writes a folder for plan and apply, with each secret in a file of its own', async () => {
    const out = join(folderOf({}), 'moved');
    const report = await imports.imported(
      'auth0',
      { 'a.json': aTenant('moved') },
      '-o',
      out,
      '--accept',
      'tenant',
    );
    expect([report.code, report.err]).toEqual([0, '']);
    const text = readFileSync(join(out, 'Client/moved-id.yaml'), 'utf8');
    expect(text).toContain(`secretRef: file:${join(out, 'secrets/moved-id')}\n`);
    expect(text).not.toContain('secret of moved');
    expect(statSync(join(out, 'secrets/moved-id')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(out, 'secrets/.gitignore'), 'utf8')).toBe('*\n');
    expect(readdirSync(out).sort()).toEqual(['AccessPolicy', 'Client', 'Resource', 'secrets']);
    expect((await imports.latchkey('apply', '-f', out)).code).toBe(0);
    expect((await imports.latchkey('plan', '-f', out)).out).toContain('No changes: 3 documents');
    await imports.token('moved-id', 'secret of moved in Auth0', { audience: 'https://moved.example.com/' });
    const refused = await imports.imported('auth0', { 'a.json': aTenant('moved') }, '-o', out);
    expect([refused.code, refused.err]).toEqual([1, `${out} is not empty\n`]);
  });
});

describe('latchkey import', () => {
  it.each<[string, string, string | object, string[], string]>([
    ['a file of another kind', 'keycloak', { users: [] }, [], 'neither the export of a realm nor of clients'],
    [
      'a part of a list',
      'auth0',
      { total: 2, clients: [{ client_id: 'a' }] },
      [],
      'contains only a part (1 of 2)',
    ],
    ['what is not YAML', 'auth0', 'a: [', [], 'is neither JSON nor YAML'],
    [
      'a name that fits nothing',
      'auth0',
      aTenant('a'),
      ['--accept', 'clients.calbacks'],
      '--accept clients.calbacks',
    ],
    ['two ways of writing', 'auth0', aTenant('a'), ['--apply', '-o', 'x'], 'cannot be used with'],
  ])('rejects %s', async (_, source, content, args, message) => {
    const { code, err } = await imports.imported(source, { 'a.json': content }, ...args);
    expect([code, err.includes(message), err]).toEqual([1, true, err]);
  });

  it('shows a report for people, and writes nothing without -o or --apply', async () => {
    const folder = folderOf({ 'a.json': aTenant('shown') });
    const { code, out } = await imports.latchkey('import', 'auth0', folder, '--accept', 'sign-in');
    expect(code).toBe(0);
    expect(out).toContain('clients/shown-id\n  imported     client_id, name, grant_types, client_secret\n');
    expect(out).toContain('  accepted     friendly_name: for the sign-in of people');
    expect(out).toMatch(/3 documents\. Nothing was written: use -o FOLDER, or --apply\.\n$/);
    expect((await imports.root.get('/Client/shown-id')).status).toBe(404);
  });
});
