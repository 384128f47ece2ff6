import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../support/admin.js';
import { basic, form } from '../support/http.js';
import { useLibrary } from '../support/library.js';
import { expectProblem, idsOf } from './answers.js';
import { allow, linkTo } from './callers.js';

const library = useLibrary();
let root: Admin;

beforeAll(async () => {
  root = admin(library.server);
  await root.put('/Client/linked', {});
});

const TEXTS: [string, string][] = [
  ['SQL', `'; DROP TABLE client; --`],
  ['SQL of a comparison', `' OR '1'='1`],
  ['a union', `x' UNION SELECT digest FROM client_secret --`],
  ['backslashes', `\\' \\" \\\\ \\`],
  ['quotes', `"'\`\u00b4\u2019`],
  ['placeholders', `? ?? :name $1 {{x}} \${x} %s %n`],
  ['wildcards', '%_*'],
  ['markup', '<script>alert(1)</script>&amp;'],
  ['emoji', '\u{1F600}\u{1F468}\u200D\u{1F469}\u200D\u{1F467}\u{1F1E9}\u{1F1EA}'],
  ['the fourth plane and beyond', '\u{1F511}\u{20000}\u{E0001}\u{10FFFD}'],
  ['right to left', '\u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0639\u0631\u0628\u064a\u0629 \u202e abc'],
  ['a byte order mark', '\uFEFFx\uFEFF'],
  ['combining marks', 'Z\u0351\u036b\u0343a\u0300\u0301'],
  ['both forms of one letter', '\u00e9 e\u0301'],
  ['spaces at both ends', '  x  '],
  ['only spaces', '   '],
  ['a replacement character', '\uFFFD'],
  ['non-characters', '\uFDD0\uFFFF'],
  ['an unbreakable space and a line separator', 'a\u00a0b\u2028c\u2029d'],
  ['the longest', '\u{1F600}'.repeat(255)],
  ['letters that change length by case', '\u0130\u00df\uFB03'.repeat(20)],
  ['nothing', ''],
];

describe('Stores text unchanged (A16, ASVS 1.2.4)', () => {
  it.each(TEXTS)('stores names unchanged: %s', async (_, name) => {
    for (const type of ['Client', 'Resource']) {
      const made = await root.put(`/${type}/verbatim`, { name });
      expect(made.status, made.text).toBeLessThan(202);
      expect(made.body.name).toBe(name);
      expect((await root.get(`/${type}/verbatim`)).body.name).toBe(name);
      const search = await root.get(`/${type}?name=${encodeURIComponent(name)}&_count=1000`);
      expect(search.status, search.text).toBe(200);
      expect(idsOf(search)).toContain('verbatim');
      const upper = await root.get(`/${type}?name=${encodeURIComponent(name.slice(0, 4).toUpperCase())}`);
      expect(upper.status).toBe(200);
    }
  });

  it.each(TEXTS)('stores descriptions unchanged: %s', async (_, description) => {
    const operations = [{ name: 'read', description }];
    const made = await root.put('/Resource/described', { operations });
    expect(made.status, made.text).toBeLessThan(202);
    expect((await root.get('/Resource/described')).body.operations).toEqual(operations);
  });

  it.each(TEXTS.filter(([, text]) => [...text].length >= 8))(
    'accepts secrets unchanged: %s',
    async (_, secret) => {
      const made = await root.put('/Client/secretive', { grant_types: ['client_credentials'], secret });
      expect(made.status, made.text).toBeLessThan(202);
      const asked = { grant_type: 'client_credentials' };
      const answer = await form(`${library.server.url}/auth/token`, asked, basic('secretive', secret));
      expect(answer.status, answer.text).toBe(200);
    },
  );

  it.each(["';--", "x'y", '%27', '--', '`', '$x', '?', '??', '2019', '{}', '[]', '()', 'a,b'])(
    'stores identifiers unchanged: %s',
    async (identifier) => {
      const rules = [allow('book', identifier, 'read')];
      const made = await root.put('/AccessPolicy/verbatim', {
        engine: 'rules',
        link: linkTo('linked'),
        rules,
      });
      if (identifier.includes('*')) return expectProblem(made, 422, ['rules[0].identifier']);
      expect(made.status, made.text).toBeLessThan(202);
      expect((await root.get('/AccessPolicy/verbatim')).body.rules).toEqual(rules);
      const question = { client: 'linked', scope: `book:${identifier}:read` };
      const explained = await root.post('/AccessPolicy/$explain', question);
      expect(explained.body.items).toMatchObject([{ scope: question.scope, granted: true }]);
    },
  );

  it.each(["urn:'x'", 'urn:x;--', 'urn:%27', 'urn:?', 'urn:$x', 'urn:[x]', 'urn:a,b', "urn:'+'"])(
    'stores audiences unchanged: %s',
    async (audience) => {
      const made = await root.put('/Resource/heard', { audience });
      expect(made.status, made.text).toBeLessThan(202);
      expect((await root.get('/Resource/heard')).body.audience).toBe(audience);
      expect(idsOf(await root.get(`/Resource?audience=${encodeURIComponent(audience)}`))).toEqual(['heard']);
      const auth = { client_credentials: { audience: [audience] } };
      expect((await root.put('/Client/hearing', { auth })).body.auth).toEqual(auth);
    },
  );
});

describe('Rejects text that cannot be stored, and never modifies it (A16, ASVS 2.2.1)', () => {
  it.each([
    ['NUL', 'a\u0000b'],
    ['a line feed', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['a tab', 'a\tb'],
    ['an escape', '\u001b[31mred'],
    ['a C1 control', 'a\u0085b'],
    ['half of a character', '\ud83d'],
    ['the other half', '\ude00'],
    ['halves in the wrong order', '\ude00\ud83d'],
  ])('rejects %s in a name or a description', async (_, name) => {
    expectProblem(await root.put('/Client/refused', { name }), 422, ['name']);
    expectProblem(await root.put('/Resource/refused', { name }), 422, ['name']);
    const operations = [{ name: 'read', description: name }];
    expectProblem(await root.put('/Resource/refused', { operations }), 422, ['operations[0].description']);
    expect((await root.get('/Client/refused')).status).toBe(404);
  });

  it('rejects one character more than the limit', async () => {
    expectProblem(await root.put('/Client/refused', { name: '\u{1F600}'.repeat(256) }), 422, ['name']);
    expectProblem(await root.put('/Resource/refused', { name: 'x'.repeat(256) }), 422, ['name']);
  });
});

describe('After all of that', () => {
  it('still returns everything stored before', async () => {
    expect((await root.get('/Client/root')).status).toBe(200);
    expect(idsOf(await root.get('/Resource?_id=book,page,map,diary'))).toEqual([
      'book',
      'diary',
      'map',
      'page',
    ]);
  });
});
