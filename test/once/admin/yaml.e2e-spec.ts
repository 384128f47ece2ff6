import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { expectProblem, send } from '../../admin/answers.js';
import { type Admin, admin } from '../../support/admin.js';
import { basic } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const write = (method: string, path: string, body: string, headers: Record<string, string> = {}) =>
  send(library.server, method, path, body, {
    ...basic(library.server.adminId, library.server.adminSecret),
    'content-type': 'text/yaml',
    ...headers,
  });

const CLIENT = `
# a comment
name: Gift Deliveries
active: true
secret: verysecret                 # write only
grant_types: [client_credentials]
auth:
  client_credentials:
    token_format: jwt
    access_token_expiration: 600
    audience: &own [http://resource.server.com]
`;

describe('YAML is read', () => {
  it('reads YAML like JSON of the same value', async () => {
    const answer = await write('PUT', '/Client/from-yaml', CLIENT);
    expect(answer.status, answer.text).toBe(201);
    expect(answer.body).toMatchObject({
      name: 'Gift Deliveries',
      active: true,
      grant_types: ['client_credentials'],
      auth: {
        client_credentials: {
          token_format: 'jwt',
          access_token_expiration: 600,
          audience: ['http://resource.server.com'],
        },
      },
    });
    const patched = await write('PATCH', '/Client/from-yaml', 'name: null\n');
    expect(patched.body).not.toHaveProperty('name');
    const posted = await write('POST', '/Client', '{}', { 'content-type': 'application/yaml' });
    expect(posted.status, posted.text).toBe(201);
  });

  it('reads YAML 1.2: yes, no and on are strings, and a quoted year is a string', async () => {
    expect((await write('PUT', '/Client/words', 'name: no\n')).body.name).toBe('no');
    expect((await write('PUT', '/Client/words', 'name: 0o17x\n')).body.name).toBe('0o17x');
    const rules = (identifier: string) =>
      `engine: rules\nlink: [{resourceType: Client, id: words}]\nrules:\n` +
      `  - {effect: allow, resource: book, identifier: ${identifier}, operations: [read]}\n`;
    expectProblem(await write('PUT', '/AccessPolicy/years', rules('2019')), 422, ['rules[0].identifier']);
    const quoted = await write('PUT', '/AccessPolicy/years', rules('"2019"'));
    expect(quoted.status, quoted.text).toBe(201);
    expect(quoted.body.rules[0].identifier).toBe('2019');
    expectProblem(await write('PUT', '/Client/words', 'active: yes\n'), 422, ['active']);
  });

  it.each([
    ['a repeated key', 'name: x\nname: y\n'],
    ['a repeated key further in', 'auth:\n  client_credentials:\n    profile: a\n    profile: b\n'],
    ['two documents', 'name: x\n---\nname: y\n'],
    ['a list', '- name: x\n'],
    ['a word', 'name\n'],
    ['nothing', '# nothing\n'],
    ['null', '~\n'],
    ['a tab for an indent', 'auth:\n\tclient_credentials: {}\n'],
    ['an unclosed flow', 'name: [x\n'],
    ['a tag of a language', 'name: !!js/function "function () {}"\n'],
    ['a tag of its own', 'name: !secret x\n'],
    ['binary', 'name: !!binary aGVsbG8=\n'],
    ['an alias of nothing', 'name: *nobody\n'],
    ['a key that is no text', '? [a, b]\n: c\n'],
    [
      'a bomb of aliases',
      `a: &a [${'x,'.repeat(9)}x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h']
        .map((k, i) => `${k}: &${k} [${`*${'abcdefgh'[i]},`.repeat(9)}*${'abcdefgh'[i]}]\n`)
        .join('')}`,
    ],
    ['an endless loop', 'name: &a [*a]\n'],
    ['deep nesting', `name: ${'['.repeat(20_000)}\n`],
    ['deep nesting that closes', `name: ${'['.repeat(2_000)}${']'.repeat(2_000)}\n`],
  ])('rejects %s with 400', async (_, body) => {
    const answer = await write('PUT', '/Client/unread', body);
    expectProblem(answer, 400);
    expect((await root.get('/Client/unread')).status).toBe(404);
  });

  it('reads << as an unknown member, without merge keys', async () => {
    const body = 'auth: &x {client_credentials: {}}\n<<: *x\n';
    const answer = await write('PUT', '/Client/unread', body);
    expect([400, 422], answer.text).toContain(answer.status);
  });

  it('reports faults at the same paths as for JSON', async () => {
    const body = 'name: 7\nunknown: x\nauth: {client_credentials: {audience: [1]}}\n';
    const paths = ['name', 'unknown', 'auth.client_credentials.audience[0]'];
    expectProblem(await write('PUT', '/Client/unread', body), 422, paths);
  });
});

describe('YAML responses', () => {
  const asYaml = { accept: 'text/yaml' };

  it.each([
    ['text/yaml', 'text/yaml; charset=utf-8'],
    ['application/yaml', 'application/yaml'],
    ['application/json;q=0.5, text/yaml', 'text/yaml; charset=utf-8'],
    ['application/yaml;q=0.9, application/json;q=0.1', 'application/yaml'],
    ['text/html, text/yaml;q=0.2', 'text/yaml; charset=utf-8'],
  ])('returns YAML for Accept: %s', async (accept, type) => {
    const answer = await root.get('/Client/from-yaml', { accept });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe(type);
    expect(parse(answer.text)).toEqual((await root.get('/Client/from-yaml')).body);
    expect(answer.headers.get('etag')).toMatch(/^"\d+"$/);
  });

  it.each([
    '*/*',
    'application/*',
    'application/json',
    'text/html',
    'text/yaml;q=0',
    'application/json, text/yaml;q=0.9',
    'garbage',
    ',,;q=',
    '',
  ])('returns JSON for Accept: %j', async (accept) => {
    const answer = await root.get('/Client/from-yaml', { accept });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.body.id).toBe('from-yaml');
  });

  it('returns lists, writes and operations as YAML', async () => {
    const list = await root.get('/Resource?_id=book', asYaml);
    expect(parse(list.text)).toEqual((await root.get('/Resource?_id=book')).body);
    const made = await write('POST', '/Client', 'name: made\n', asYaml);
    expect(made.status).toBe(201);
    expect(parse(made.text)).toMatchObject({
      resourceType: 'Client',
      name: 'made',
      secret: expect.any(String),
    });
    const question = { client: 'root', scope: 'book:1:read' };
    const explained = await root.post('/AccessPolicy/$explain', question, asYaml);
    expect(explained.headers.get('content-type')).toBe('text/yaml; charset=utf-8');
    expect(parse(explained.text).items[0]).toMatchObject({ scope: 'book:1:read', granted: true });
  });

  it('returns problems as YAML', async () => {
    for (const [answer, status] of [
      [await root.get('/Client/nobody', asYaml), 404],
      [await root.put('/Client/x', { name: 1 }, asYaml), 422],
      [await root.get('/Client?x=1', asYaml), 400],
      [await root.get('/Client', { ...asYaml, authorization: 'Bearer x' }), 401],
    ] as const) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toBe('application/problem+yaml');
      expect(parse(answer.text)).toMatchObject({ type: 'about:blank', status, title: expect.any(String) });
    }
  });

  it('quotes text that YAML 1.1 readers would misread', async () => {
    for (const name of [
      'no',
      'yes',
      'null',
      '~',
      '1.0',
      '0x1F',
      '2026-01-01',
      'on',
      '- a',
      'a: b',
      '#x',
      '*x',
      '<<',
      '=',
    ]) {
      await root.put('/Client/quoted', { name });
      const { text } = await root.get('/Client/quoted', asYaml);
      expect(parse(text, { version: '1.1' }).name).toBe(name);
      expect(parse(text, { version: '1.2' }).name).toBe(name);
    }
  });

  it('accepts its own YAML unchanged', async () => {
    const { text } = await root.get('/Client/from-yaml', asYaml);
    const answer = await write('PUT', '/Client/from-yaml', text);
    expect(answer.status, answer.text).toBe(200);
    const { meta: _, ...rest } = answer.body;
    expect(parse(text)).toMatchObject(rest);
  });
});
