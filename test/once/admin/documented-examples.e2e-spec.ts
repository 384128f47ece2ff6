import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { expectProblem, send } from '../../admin/answers.js';
import { curl, curlsOf } from '../../admin/curl.js';
import { type Admin, admin } from '../../support/admin.js';
import { type Answer, basic } from '../../support/http.js';
import { LIBRARY, useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const README = read('README.md');
const MANUAL = read('docs/administration.md');

/** What stands below a heading, up to the next one of its kind. */
function section(text: string, heading: string): string {
  const [, after] = text.split(`\n${heading}\n`);
  if (after === undefined) throw new Error(`there is no ${heading}`);
  return after.split(/\n## /, 1)[0] as string;
}

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, block]) => block as string,
  );

/** Of search parameters that take no date, number or text. */
const VALUES = new Map([
  ['unused', '90d'],
  ['method', 'key'],
]);

/** The names between backticks. */
const quoted = (text: string): string[] =>
  [...text.matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, name]) => name as string);

const scriptsOfCurl = (text: string): string[] =>
  blocks(text, 'sh').filter((block) => block.includes('curl '));

const here = (script: string) => script.replaceAll('http://localhost:8080', library.server.url);

beforeAll(() => {
  root = admin(library.server);
});

/** Runs the commands one after the other, each with the token of the last answer that had one. */
async function runAll(commands: readonly string[][]): Promise<Answer[]> {
  const answers: Answer[] = [];
  let token = '';
  for (const command of commands) {
    const answer = await curl(command.map((argument) => argument.replace('lka_…', token)));
    answers.push(answer);
    token = answer.body?.access_token ?? token;
  }
  return answers;
}

describe('README.md', () => {
  const HEADS = ['## From a clone to a token', '## From a token to a protected API'];

  it('runs README.md as printed, from the first administrator to a token, a policy and the end of a session', async () => {
    const scripts = HEADS.flatMap((head) => scriptsOfCurl(section(README, head)));
    expect(scripts).toHaveLength(2);
    const script = here(scripts.join('\n')).replace('lks_…', library.server.adminSecret);
    const answers = await runAll(curlsOf(script));
    expect(
      answers.map(({ status }) => status),
      answers.map(({ text }) => text).join('\n'),
    ).toEqual([201, 200, 200, 201, 200, 200, 403, 204, 401]);
    const printed = JSON.parse(/^# (\{.*\})$/m.exec(script)![1]!);
    expect(Object.keys(answers[1]!.body)).toEqual(Object.keys(printed));
    expect(answers[1]!.body).toEqual({ ...printed, access_token: expect.stringMatching(/^lka_/) });
    expect(answers[5]!.headers.get('x-client-id')).toBe('api-client');
  });
});

describe('docs/administration.md', () => {
  const FILES = {
    client: '## Client',
    resource: '## Resource',
    policy: '## AccessPolicy',
    bundle: '## Many documents in one write',
  };

  /** The fragment of YAML above a request that sends it from a file. */
  const fragmentOf = (argument: string): string => {
    const heading = FILES[/^@(\w+)\.yaml$/.exec(argument)?.[1] as keyof typeof FILES];
    return heading ? (blocks(section(MANUAL, heading), 'yaml')[0] as string) : argument;
  };

  it('runs every curl command of docs/administration.md after those of README.md, in page order', async () => {
    const scripts = scriptsOfCurl(MANUAL).map(here);
    const commands = scripts.flatMap((script) =>
      curlsOf(`ROOT='${library.server.adminId}:${library.server.adminSecret}'\n${script}`),
    );
    expect(commands.length).toBeGreaterThan(8);
    const answers = await runAll(commands.map((command) => command.map(fragmentOf)));
    answers.forEach(({ status, text }, at) => {
      expect([200, 201], `${commands[at]!.join(' ')} ${text}`).toContain(status);
    });
    const explained =
      answers[commands.findIndex((command) => command.some((one) => one.endsWith('$explain')))];
    const printed = blocks(section(MANUAL, '## AccessPolicy'), 'json')[0]!;
    expect(explained!.body).toEqual(JSON.parse(printed));
    const whoCan = answers[commands.findIndex((command) => command.some((one) => one.endsWith('$who-can')))];
    expect(whoCan!.body).toEqual(JSON.parse(/^# (\{"clients.*\})$/m.exec(MANUAL)![1]!));
  });

  it.each(['Client', 'Resource', 'AccessPolicy'])(
    'accepts the documented example of a %s and shows it unchanged',
    async (type) => {
      const [example] = blocks(section(MANUAL, `## ${type}`), 'yaml');
      const { server } = library;
      const headers = { ...basic(server.adminId, server.adminSecret), 'content-type': 'text/yaml' };
      const made = await send(server, 'PUT', `/${type}/example`, example!, headers);
      expect(made.status, made.text).toBe(201);
      const { secret: _, ...shown } = parse(example!);
      expect((await root.get(`/${type}/example`)).body).toMatchObject(shown);
    },
  );

  it('returns a problem with the documented members', async () => {
    const printed = JSON.parse(blocks(MANUAL, 'json')[0]!);
    const rules = [{ effect: 'allow', resource: 'book', identifier: '*', operations: ['read', 'fly'] }];
    const answer = await root.put('/AccessPolicy/x', { engine: 'rules', everyone: true, rules });
    expectProblem(answer, printed.status, [printed.errors[0].path]);
    expect(answer.body).toEqual({
      ...printed,
      detail: expect.any(String),
      errors: [{ ...printed.errors[0], message: expect.any(String) }],
    });
  });

  it('accepts every documented search parameter and no other', async () => {
    const search = section(MANUAL, '## Search');
    const rows = [...search.matchAll(/^\| (\w+) \| (`.*) \|$/gm)];
    const everywhere = ['_count', '_page', '_sort', '_elements', '_total', '_id', '_lastUpdated'];
    const own = new Map(rows.map(([, type, names]) => [type as string, quoted(names as string)]));
    for (const name of everywhere) expect(search).toContain(`\`${name}`);
    expect([...own.keys()]).toEqual(
      expect.arrayContaining(['Client', 'Resource', 'AccessPolicy', 'Session']),
    );
    const all = new Set([...own.values()].flat());
    for (const [type, names] of own) {
      for (const name of all) {
        const value = VALUES.get(name) ?? '2026';
        const { status } = await root.get(`/${type}?${name}=${value}`);
        expect(status, `${type} ${name}`).toBe(names.includes(name) ? 200 : 400);
      }
    }
  });

  it('answers every documented request as described', async () => {
    const [head] = MANUAL.split('\n## ', 1);
    expect(quoted(head!)).toEqual(
      expect.arrayContaining(['GET /T', 'POST /T', 'PUT /T/:id', 'PATCH /T/:id', 'DELETE /T/:id']),
    );
    expect((await root.get('/Client')).body.resourceType).toBe('Bundle');
    expect((await root.post('/Client', { id: 'row' })).status).toBe(201);
    expect((await root.get('/Client/row')).headers.get('etag')).toBe('"1"');
    expect((await root.put('/Client/row', {})).status).toBe(200);
    expect((await root.patch('/Client/row', {})).status).toBe(200);
    expect((await root.put('/Client/row', {}, { 'if-match': '"2"' })).status).toBe(412);
    for (const _ of [1, 2]) expect((await root.delete('/Client/row')).status).toBe(204);
  });

  it('accepts the documented scopes of the own types', async () => {
    const permissions = quoted(section(MANUAL, '## Permissions')).filter((name) =>
      /^(Client|Session|AccessPolicy):[\w*-]+:\w+$/.test(name),
    );
    expect(permissions).toContain('Client:api-client:update');
    const asked = { client: 'root', scope: permissions.join(' ') };
    const { body } = await root.post('/AccessPolicy/$explain', asked);
    for (const item of body.items) expect(item).toMatchObject({ granted: true });
    expect(
      (await root.post('/AccessPolicy/$explain', { ...asked, audience: LIBRARY })).body.items[0],
    ).toMatchObject({
      reason: 'wrong_audience',
    });
  });
});
