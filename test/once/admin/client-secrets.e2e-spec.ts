import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { type Admin, admin } from '../../support/admin.js';
import { basic, form } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const BASE = { grant_types: ['client_credentials'] };

/** Whether the client gets a token with this secret. */
async function opens(id: string, secret: string): Promise<boolean> {
  const fields = { grant_type: 'client_credentials' };
  const answer = await form(`${library.server.url}/auth/token`, fields, basic(id, secret));
  if (answer.status === 401) expect(answer.body.error).toBe('invalid_client');
  else expect(answer.status, answer.text).toBe(200);
  return answer.status === 200;
}

describe('Secret of a client', () => {
  it('accepts a generated secret immediately after POST', async () => {
    const { body } = await root.post('/Client', BASE);
    expect(await opens(body.id, body.secret)).toBe(true);
    expect(await opens(body.id, `${body.secret}x`)).toBe(false);
  });

  it('keeps the secret when PUT or PATCH omits it', async () => {
    await root.put('/Client/kept', { ...BASE, secret: 'verysecret' });
    await root.put('/Client/kept', { ...BASE, name: 'x' });
    expect(await opens('kept', 'verysecret')).toBe(true);
    await root.patch('/Client/kept', { name: 'y' });
    expect(await opens('kept', 'verysecret')).toBe(true);
  });

  it.each(['put', 'patch'] as const)(
    'replaces the secret and every older one immediately by %s',
    async (method) => {
      const id = `replaced-by-${method}`;
      await root.put(`/Client/${id}`, { ...BASE, secret: 'old-secret' });
      expect(await opens(id, 'old-secret')).toBe(true);
      const rotated = await root.post(`/Client/${id}/$rotate-secret`, { overlap: 600 });
      const answer = await root[method](`/Client/${id}`, { ...BASE, secret: 'new-secret' });
      expect(answer.status, answer.text).toBe(200);
      expect(answer.body.secrets).toHaveLength(1);
      expect(await opens(id, 'new-secret')).toBe(true);
      expect(await opens(id, 'old-secret')).toBe(false);
      expect(await opens(id, rotated.body.secret)).toBe(false);
    },
  );

  it.each(['put', 'patch'] as const)(
    'removes the secret with null in %s, so that no secret is accepted',
    async (method) => {
      const id = `taken-by-${method}`;
      await root.put(`/Client/${id}`, { ...BASE, secret: 'old-secret' });
      expect(await opens(id, 'old-secret')).toBe(true);
      const answer = await root[method](`/Client/${id}`, { ...BASE, secret: null });
      expect(answer.status, answer.text).toBe(200);
      expect(answer.body).not.toHaveProperty('secrets');
      for (const secret of ['old-secret', 'null', 'undefined', ' '])
        expect(await opens(id, secret)).toBe(false);
    },
  );

  it('accepts no secret for a client that PUT created without one', async () => {
    expect((await root.put('/Client/none', BASE)).status).toBe(201);
    for (const secret of ['', 'none', 'null', 'verysecret']) {
      const { status } = await form(
        `${library.server.url}/auth/token`,
        { grant_type: 'client_credentials' },
        { authorization: `Basic ${Buffer.from(`none:${secret}`).toString('base64')}` },
      );
      expect([400, 401]).toContain(status);
    }
  });

  it('rejects the secret of a deleted client after its id is reused', async () => {
    await root.put('/Client/reborn', { ...BASE, secret: 'first-life' });
    await root.delete('/Client/reborn');
    await root.put('/Client/reborn', BASE);
    expect(await opens('reborn', 'first-life')).toBe(false);
  });

  it.each([
    ['8 characters', '12345678'],
    ['255 characters', 'x'.repeat(255)],
    ['255 characters beyond the first plane', '\u{1F511}'.repeat(255)],
    ['a colon and a percent sign', 'a:b%3Ac+d e'],
    ['quotes and SQL', `'"; DROP TABLE client; --`],
    ['letters of any script', 'пароль-密码-كلمة'],
    ['spaces at both ends', '  padded  '],
    ['only spaces', '        '],
    ['the look of one of ours', 'lks_verysecretverysecret'],
  ])('accepts a secret with %s', async (what, secret) => {
    const id = `any-${what.replace(/[^a-z0-9]/gi, '-')}`;
    const made = await root.put(`/Client/${id}`, { ...BASE, secret });
    expect(made.status, made.text).toBe(201);
    expect(await opens(id, secret)).toBe(true);
    expect(await opens(id, `${secret} `)).toBe(false);
    if (secret.trim() !== secret && secret.trim()) expect(await opens(id, secret.trim())).toBe(false);
  });

  it.each([
    ['too short', '1234567'],
    ['empty', ''],
    ['too long', 'x'.repeat(256)],
    ['a number', 12345678],
    ['true', true],
    ['a list', ['verysecret']],
    ['an object', { value: 'verysecret' }],
    ['half a character', 'verysecret\ud83d'],
    ['a line break at its end (fault C4)', 'verysecret\n'],
    ['a tab (fault C4)', 'very\tsecret'],
    ['NUL (fault C4)', 'very\0secret'],
    ['a C1 control (fault C4)', 'very\u0085secret'],
  ])('rejects a secret that is %s with 422 and keeps the current one', async (_, secret) => {
    await root.put('/Client/stays', { ...BASE, secret: 'verysecret' });
    expectProblem(await root.put('/Client/stays', { ...BASE, secret }), 422, ['secret']);
    expectProblem(await root.patch('/Client/stays', { secret }), 422, ['secret']);
    expectProblem(await root.post('/Client', { ...BASE, secret }), 422, ['secret']);
    expect(await opens('stays', 'verysecret')).toBe(true);
  });

  it('rejects a secret from a YAML block with a trailing line break with 422 and a hint (fault C4)', async () => {
    const yaml = { 'content-type': 'application/yaml' };
    const grants = 'grant_types: [client_credentials]\n';
    const answer = await root.put('/Client/by-yaml', `${grants}secret: |\n  a long enough value\n`, yaml);
    expectProblem(answer, 422, ['secret']);
    expect(answer.text).toContain('ends with a line break; in YAML use |- instead of |');
    expect(
      (await root.put('/Client/by-yaml', `${grants}secret: |-\n  a long enough value\n`, yaml)).status,
    ).toBe(201);
    expect(await opens('by-yaml', 'a long enough value')).toBe(true);
  });

  it.each(['password1', 'changeme-2026', 'aaaaaaaaaaaa', '1234567890', 'x7Kq9z!x7Kq9z!', 'administers'])(
    'rejects a weak secret of a client that may administer with 422: %s (fault A12)',
    async (secret) => {
      const grant_types = ['client_credentials', 'basic'];
      for (const answer of [
        await root.put('/Client/administers', { grant_types, secret }),
        await root.post('/Client', { id: 'administers', grant_types, secret }),
      ]) {
        expectProblem(answer, 422, ['secret']);
        expect(answer.text).not.toContain(secret === 'administers' ? 'x7Kq' : secret);
      }
      await root.put('/Client/holds-rights', { ...BASE });
      await root.put('/AccessPolicy/holds-rights', {
        engine: 'rules',
        link: [{ resourceType: 'Client', id: 'holds-rights' }],
        rules: [{ effect: 'allow', resource: 'Session', identifier: 'x', operations: ['read'] }],
      });
      expectProblem(await root.patch('/Client/holds-rights', { secret: 'password1' }), 422, ['secret']);
    },
  );

  it('accepts a weak secret of any other client with a warning in the log (fault A12)', async () => {
    expect((await root.put('/Client/of-a-seed', { ...BASE, secret: 'verysecret' })).status).toBeLessThan(202);
    expect((await root.put('/Client/warned-of', { ...BASE, secret: 'password1' })).status).toBe(201);
    expect(library.server.stderr()).toMatch(/"event":"weak_secret","client":"warned-of"/);
    expect(library.server.stderr()).not.toContain('password1');
  });

  it('compares secrets case-sensitively and exactly', async () => {
    await root.put('/Client/exact', { ...BASE, secret: 'VerySecret' });
    for (const wrong of [
      'verysecret',
      'VERYSECRET',
      'VerySecret ',
      ' VerySecret',
      'VerySecre',
      'VerySecret\u0301',
    ]) {
      expect(await opens('exact', wrong)).toBe(false);
    }
    expect(await opens('exact', 'VerySecret')).toBe(true);
  });

  it('keeps the secret when its masked or shown form is written back (A09, ASVS 14.2.6)', async () => {
    const { body } = await root.put('/Client/echoed', { ...BASE, secret: 'verysecret' });
    expect((await root.put('/Client/echoed', body)).status).toBe(200);
    const masked = { ...body, secrets: [{ created: 'x', secret: 'other-secret' }] };
    expectProblem(await root.put('/Client/echoed', masked), 422, ['secrets']);
    expect(await opens('echoed', 'verysecret')).toBe(true);
    expect(await opens('echoed', 'other-secret')).toBe(false);
  });

  it('has no default secrets (C17, ASVS 13.2.3)', async () => {
    const guesses = ['root', 'admin', 'letmein', 'secret', 'verysecret', 'lks_', 'changeme'];
    for (const id of ['root', 'admin', 'api-client', 'latchkey']) {
      for (const secret of guesses) expect(await opens(id, secret)).toBe(false);
    }
  });
});
