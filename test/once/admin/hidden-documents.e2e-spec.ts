import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { aCaller, type Caller, linkTo } from '../../admin/callers.js';
import { type Admin, admin } from '../../support/admin.js';
import { useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

beforeAll(async () => {
  root = admin(library.server);
  await aClient(library.server, 'subject').with({ name: 'Subject', grant_types: [] }).register();
});

/** A valid form of each type; the ids `book` and `subject` exist, others do not. */
const FORMS: [string, string, (id: string) => object][] = [
  ['Client', 'subject', () => ({ grant_types: [] })],
  [
    'Resource',
    'book',
    () => ({ operations: [{ name: 'read' }, { name: 'write' }], audience: 'urn:library' }),
  ],
  ['AccessPolicy', 'root', (id) => ({ engine: 'allow', link: linkTo(id) })],
];

describe.each(FORMS)(
  'A PUT of a %s by a caller that may neither create, update nor read it',
  (type, stored, form) => {
    it('gets the same 403 whether the id exists or not (fault A4)', async () => {
      const blind = await aCaller(library.server, `${type}:other:*`, 'book:*:*');
      const answers = [stored, 'unknown'].map(async (id) => {
        const answer = await blind.rest.put(`/${type}/${id}`, form('subject'));
        expectProblem(answer, 403);
        const reported = `${answer.body.detail} ${answer.headers.get('www-authenticate')}`;
        expect(reported).toContain(`${type}:${id}:update`);
        return reported.replaceAll(id, '…');
      });
      const [known, unknown] = await Promise.all(answers);
      expect(known).toBe(unknown);
      const reader = await aCaller(library.server, `${type}:*:read`);
      const precise = (await reader.rest.put(`/${type}/${stored}`, form('subject'))).body.detail;
      expect(precise).toBe(`the caller lacks ${type}:${stored}:update`);
    });
  },
);

describe('A write by a caller that may not read the document', () => {
  let writer: Caller;
  const HEAD = { resourceType: 'Client', id: 'subject', meta: expect.anything() };

  beforeAll(async () => {
    writer = await aCaller(library.server, 'Client:*:create,update', 'Resource:*:create,update');
  });

  it('gets the head of it and no more, also for a patch that changes nothing (fault A2)', async () => {
    for (const patch of [{}, { name: 'Changed' }, { name: 'Subject' }]) {
      const answer = await writer.rest.patch('/Client/subject', patch);
      expect([answer.status, answer.body]).toEqual([200, HEAD]);
      expect(answer.headers.get('etag')).toBe(`"${answer.body.meta.versionId}"`);
    }
    const put = await writer.rest.put('/Client/subject', { name: 'Subject', grant_types: [] });
    expect([put.status, put.body]).toEqual([200, HEAD]);
    const book = await writer.rest.patch('/Resource/book', {});
    expect(Object.keys(book.body)).toEqual(['resourceType', 'id', 'meta']);
    expect((await root.patch('/Client/subject', {})).body.name).toBe('Subject');
  });

  it('gets the secret that was generated for a client, once (fault A2)', async () => {
    const { status, body } = await writer.rest.post('/Client', { grant_types: [] });
    expect(status).toBe(201);
    expect(Object.keys(body).sort()).toEqual(['id', 'meta', 'resourceType', 'secret']);
  });
});
