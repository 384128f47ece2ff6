import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const generated = new Set(['node_modules', 'dist', 'data']);

function filesUnder(folder: string): string[] {
  if (!existsSync(root + folder)) return [];
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return generated.has(entry.name) ? [] : filesUnder(path);
  });
}

const text = (file: string) => readFileSync(root + file, 'utf8');
const sources = ['src', 'packages/protocol/src'].flatMap(filesUnder).filter((file) => file.endsWith('.ts'));
const written = ['src', 'test', 'scripts', 'migrations', 'examples'].flatMap(filesUnder);
const holding = (files: string[], words: RegExp) => files.filter((file) => words.test(text(file)));

const isTest = (file: string) => /\.(spec|arbitrary)\.ts$/.test(file);

/** The folders that each folder's files import; a folder and the folders inside it count as one neighbourhood. */
function importedFolders(): Map<string, Set<string>> {
  const imported = new Map<string, Set<string>>();
  for (const file of sources.filter((one) => !isTest(one))) {
    const from = dirname(file);
    for (const [, target = ''] of text(file).matchAll(/from '(\.[^']+)'/g)) {
      const to = dirname(join(from, target));
      if (to === from || to.startsWith(`${from}/`) || from.startsWith(`${to}/`)) continue;
      imported.set(from, (imported.get(from) ?? new Set()).add(to));
    }
  }
  return imported;
}

/** Circles of folders, as `a → b → a`. */
function folderCircles(): string[] {
  const imported = importedFolders();
  const finished = new Set<string>();
  const circles: string[] = [];
  const visit = (folder: string, path: string[]) => {
    const start = path.indexOf(folder);
    if (start >= 0) circles.push([...path.slice(start), folder].join(' → '));
    if (start >= 0 || finished.has(folder)) return;
    for (const next of imported.get(folder) ?? []) visit(next, [...path, folder]);
    finished.add(folder);
  };
  for (const folder of imported.keys()) visit(folder, []);
  return circles;
}

/** Which folder owns a table: it alone names it in SQL. */
const TABLE_OWNERS: Readonly<Record<string, string>> = {
  ...owned('audit', 'audit_key', 'audit_event', 'audit_head', 'audit_anchor', 'audit_notice'),
  ...owned('clients', 'client', 'client_secret', 'token_quota_use', 'used_assertion', 'restore_mark'),
  ...owned(
    'clients',
    'trusted_issuer',
    'federated_rule',
    'hand_over',
    'last_use',
    'scope_use',
    'scope_use_watch',
  ),
  ...owned('crypto', 'pepper', 'clock_mark'),
  ...owned('database', 'configuration_revision', 'failure_count'),
  ...owned('events', 'event_cursor'),
  ...owned('keys', 'signing_key'),
  ...owned('policies', 'policy', 'policy_client', 'policy_resource'),
  ...owned('resources', 'resource', 'former_operation', 'carried_name', 'name_claim'),
  ...owned('sessions', 'session', 'session_note', 'audit_scan', 'token_count'),
};

function owned(folder: string, ...tables: string[]): Record<string, string> {
  return Object.fromEntries(tables.map((table) => [table, folder]));
}

/** The only places that name the table of another folder, as `file table`. */
const SHARED_TABLES = new Set([
  // The one lookup of a token's path reads the session with its owners.
  'src/sessions/session-row.ts client',
  'src/sessions/session-row.ts signing_key',
  // A start asks whether an empty table was needed; these folders stand before the owners.
  'src/crypto/peppers.repository.ts client_secret',
  'src/keys/signing-keys.repository.ts session',
]);

/** The tables of other folders that SQL names, as `file table`. Commands work on whole databases. */
function foreignTables(): string[] {
  const files = sources.filter((file) => file.startsWith('src/') && !isTest(file));
  return files
    .filter((file) => !file.startsWith('src/commands/'))
    .flatMap((file) =>
      [...text(file).matchAll(/(?:\b(?:FROM|INTO|UPDATE|JOIN)\s+|\btable: '|Entity\('|from: ')([a-z_]+)/g)]
        .map(([, table = '']) => table)
        .filter((table) => (TABLE_OWNERS[table] ?? file.split('/')[1]) !== file.split('/')[1])
        .map((table) => `${file} ${table}`),
    )
    .filter((found) => !SHARED_TABLES.has(found));
}

/** What a script imports before it runs, itself and through others. */
function importsAtStart(script: string, seen = new Set<string>()): string[] {
  if (seen.has(script)) return [];
  seen.add(script);
  return [...text(script).matchAll(/^import (?:.*from )?'([^']+)'/gm)].flatMap(([, target = '']) =>
    target.startsWith('.') ? importsAtStart(join(dirname(script), target), seen) : [target],
  );
}

describe('The architecture', () => {
  it('starts from a fresh clone: nothing is imported from packages before they are installed', () => {
    const scripts = ['scripts/start.mjs', 'scripts/test.mjs', 'scripts/backup.mjs', 'scripts/restore.mjs'];
    const imported = scripts.flatMap((script) => importsAtStart(script));
    expect(imported.length).toBeGreaterThan(5);
    expect(imported.filter((name) => !name.startsWith('node:'))).toEqual([]);
  });

  it('names each table in the folder that owns it', () => {
    const created = [...text('src/database/schema/tables.ts').matchAll(/name: '([a-z_]+)'/g)];
    expect(Object.keys(TABLE_OWNERS).sort()).toEqual(created.map(([, table]) => table).sort());
    expect(foreignTables()).toEqual([]);
  });

  it('has no circle of folders', () => {
    expect(folderCircles()).toEqual([]);
  });

  it('keeps every folder within 20 source files', () => {
    const folders = sources.filter((file) => !isTest(file)).map((file) => dirname(file));
    const crowded = new Set(folders.filter((one) => folders.filter((other) => other === one).length > 20));
    expect([...crowded]).toEqual([]);
  });

  it('wires modules without forwardRef', () => {
    expect(holding(sources, /\bforwardRef\b/)).toEqual([]);
  });

  it('has no global modules', () => {
    expect(holding(sources, /@Global\s*\(/)).toEqual([]);
  });

  it('reads the environment in src/config only', () => {
    const others = sources.filter((file) => !file.startsWith('src/config/'));
    expect(holding(others, /\bprocess\s*(\.|\[\s*['"])\s*env\b|\benv\b[^;]*from 'node:process'/)).toEqual([]);
  });

  it('has no barrel files in src', () => {
    expect(sources.filter((file) => /^index\.[cm]?ts$/.test(basename(file)))).toEqual([]);
  });

  it('keeps every file within 300 lines', () => {
    const code = written.filter((file) => /\.(ts|mts|cts|js|mjs|cjs)$/.test(file));
    expect(code.filter((file) => text(file).trimEnd().split('\n').length > 300)).toEqual([]);
  });

  it('names no file or folder utils, helpers, common, shared, misc, manager or data', () => {
    const word = /(^|[-._])(utils?|helpers?|common|shared|misc|managers?)([-._]|$)|^data(\.|$)/i;
    expect(written.filter((file) => file.split('/').some((part) => word.test(part)))).toEqual([]);
  });

  it('keeps controllers in src/http', () => {
    const domain = sources.filter((file) => !file.startsWith('src/http/'));
    expect(domain.filter((file) => file.includes('.controller.'))).toEqual([]);
    expect(holding(domain, /@Controller\s*\(/)).toEqual([]);
  });
});
