import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { load } from 'js-yaml';
import type { JsonObject } from '../connection.js';
import { asYaml } from '../documents.js';
import { Failure } from '../failure.js';
import { print, readInput, say } from '../output.js';
import { groupOf, isJson, pathOf, serverOf } from './context.js';

const WRITTEN = {
  client: 'Client',
  resource: 'Resource',
  policy: 'AccessPolicy',
  issuer: 'TrustedIssuer',
} as const;
const READ = { session: 'Session', key: 'SigningKey', audit: 'AuditEvent' } as const;

/** `client`, `resource`, `policy`, `issuer`, `session`, `key` and `audit`. */
export function addDocuments(program: Command): void {
  for (const [name, type] of Object.entries({ ...WRITTEN, ...READ })) addReads(program, name, type);
  for (const [name, type] of Object.entries(WRITTEN)) addWrites(program, name, type);
  addRotations(program);
}

function addReads(program: Command, name: string, type: string): void {
  const group = groupOf(program, name).description(`read${name in WRITTEN ? ' and write' : ''} ${type}`);
  group
    .command('list')
    .description('every document, or those that a search finds')
    .option('-q, --query <query>', 'search parameters, such as name=api&active=true', '')
    .action(async ({ query }: { query: string }, command: Command) =>
      print(await serverOf(command).all(type, query), isJson(command)),
    );
  group
    .command('get')
    .argument('<id>')
    .action(async (id: string, _options: object, command: Command) =>
      print((await serverOf(command).send('GET', pathOf(type, id))).body, isJson(command)),
    );
}

function addWrites(program: Command, name: string, type: string): void {
  const group = groupOf(program, name);
  group
    .command('create')
    .description('create the document in a file, or on standard input')
    .option('-f, --file <path>', 'YAML or JSON')
    .action(async ({ file }: { file?: string }, command: Command) => {
      const document = documentOf(file === undefined ? await readInput() : textOf(file));
      print((await serverOf(command).send('POST', `/${type}`, document)).body, isJson(command));
    });
  group
    .command('edit')
    .description('open the document in $EDITOR and write what was changed')
    .argument('<id>')
    .action((id: string, _options: object, command: Command) => edit(pathOf(type, id), command));
  group
    .command('delete')
    .argument('<id>')
    .option('--dry-run', 'show what would be deleted with it')
    .action(async (id: string, { dryRun }: { dryRun?: true }, command: Command) => {
      const path = `${pathOf(type, id)}${dryRun ? '?_dryRun=true' : ''}`;
      const { body } = await serverOf(command).send('DELETE', path);
      if (dryRun) print(body, isJson(command));
      else say(`${type}/${id} does not exist any more.`);
    });
}

function addRotations(program: Command): void {
  groupOf(program, 'client')
    .command('rotate')
    .description('make a new secret; existing ones end at once, or after --overlap')
    .argument('<id>')
    .option('--overlap <seconds>', 'how long existing secrets stay valid', '0')
    .option('--close-sessions', 'close its sessions as well')
    .action(async (id: string, options: { overlap: string; closeSessions?: true }, command: Command) => {
      const body = { overlap: Number(options.overlap), close_sessions: options.closeSessions === true };
      const answer = await serverOf(command).send('POST', `${pathOf('Client', id)}/$rotate-secret`, body);
      print(answer.body, isJson(command));
    });
  groupOf(program, 'session')
    .command('close')
    .argument('<id>')
    .action(async (id: string, _options: object, command: Command) => {
      await serverOf(command).send('DELETE', pathOf('Session', id));
      say(`Session/${id} is closed.`);
    });
}

export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new Failure(`${file} cannot be read`);
  }
}

export function documentOf(text: string): JsonObject {
  let document: unknown;
  try {
    document = load(text);
  } catch (error) {
    throw new Failure(`the document cannot be parsed: ${(error as Error).message.split('\n')[0]}`);
  }
  if (typeof document !== 'object' || document === null) throw new Failure('the document must be an object');
  return document as JsonObject;
}

/** Written only if it was not changed meanwhile. */
async function edit(path: string, command: Command): Promise<void> {
  const server = serverOf(command);
  const { body } = await server.send('GET', path);
  const { meta, secrets: _secrets, ...document } = body;
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-'));
  try {
    const file = join(folder, 'document.yaml');
    const before = asYaml(document);
    writeFileSync(file, before, { mode: 0o600 });
    const [editor = 'vi', ...args] = (process.env.VISUAL || process.env.EDITOR || 'vi').split(' ');
    const { status } = spawnSync(editor, [...args, file], { stdio: 'inherit' });
    if (status !== 0) throw new Failure(`${editor} ended with ${status}: nothing was written`);
    const after = readFileSync(file, 'utf8');
    if (after === before) return void say('Nothing was changed.');
    const { versionId } = meta as { versionId: string };
    const written = await server.send('PUT', path, documentOf(after), { 'if-match': `"${versionId}"` });
    print(written.body, isJson(command));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
