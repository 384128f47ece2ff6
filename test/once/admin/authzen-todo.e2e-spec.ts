import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { bearer, request } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';
import { aClient, aResource } from '../../support/registration.js';

/*
 * The Todo application of the AuthZEN interoperability events (authzen-interop.net, Todo 1.0): its users are clients
 * here, its roles policies. Whose a todo is comes from policies that name it, because no policy reads `ownerID`.
 */

const library = useLibrary();
let backend: Admin;

const PEOPLE = {
  rick: 'CiRmZDA2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs',
  morty: 'CiRmZDE2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs',
  summer: 'CiRmZDI2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs',
  beth: 'CiRmZDM2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs',
  jerry: 'CiRmZDQ2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs',
};
type Person = keyof typeof PEOPLE;

const TODOS = {
  rick: '7240d0db-8ff0-41ec-98b2-34a096273b9f',
  morty: '7240d0db-8ff0-41ec-98b2-34a096273b9e',
  summer: '7240d0db-8ff0-41ec-98b2-34a096273b9d',
};
type Owner = keyof typeof TODOS;

const VIEWER = ['user:*:can_read_user', 'todo:*:can_read_todos'];
const editor = (owner: Owner) => [
  ...VIEWER,
  'todo:*:can_create_todo',
  `todo:${TODOS[owner]}:can_update_todo`,
  `todo:${TODOS[owner]}:can_delete_todo`,
];

const ROLES: Record<Person, string[]> = {
  // admin and evil_genius
  rick: [...editor('rick'), 'todo:*:can_delete_todo', 'todo:*:can_update_todo'],
  morty: editor('morty'),
  summer: editor('summer'),
  beth: VIEWER,
  jerry: VIEWER,
};

const subject = (who: Person) => ({ type: 'client', id: PEOPLE[who] });
const todo = (owner: Owner) => ({
  type: 'todo',
  id: TODOS[owner],
  properties: { ownerID: `${owner}@the-citadel.com` },
});

beforeAll(async () => {
  const { server } = library;
  await aResource(server, 'user', ['can_read_user']);
  await aResource(server, 'todo', [
    'can_read_todos',
    'can_create_todo',
    'can_update_todo',
    'can_delete_todo',
  ]);
  for (const [who, grants] of Object.entries(ROLES))
    await aClient(server, PEOPLE[who as Person])
      .withGrant(...grants)
      .register();
  const client = await aClient(server).withGrant('AccessPolicy:*:read').register();
  const token = await client.token(NATIVE, { scope: 'AccessPolicy:*:read' });
  backend = admin(server, bearer(token));
});

const decide = async (body: object) => {
  const answer = await backend.post('/access/v1/evaluation', { context: {}, ...body });
  expect(answer.status, answer.text).toBe(200);
  expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
  return answer.body.decision;
};

const EVERYONE = Object.keys(PEOPLE) as Person[];
const OWNERS = Object.keys(TODOS) as Owner[];

describe('The Todo application of AuthZEN', () => {
  it.each(EVERYONE)('lets %s see users and todos', async (who) => {
    for (const id of ['beth@the-smiths.com', 'rick@the-citadel.com', PEOPLE.rick]) {
      const resource = { type: 'user', id };
      expect(await decide({ subject: subject(who), action: { name: 'can_read_user' }, resource })).toBe(true);
    }
    const resource = { type: 'todo', id: 'todo-1' };
    expect(await decide({ subject: subject(who), action: { name: 'can_read_todos' }, resource })).toBe(true);
  });

  it.each(EVERYONE)('lets %s create todos if an editor', async (who) => {
    const resource = { type: 'todo', id: 'todo-1' };
    const decision = await decide({ subject: subject(who), action: { name: 'can_create_todo' }, resource });
    expect(decision).toBe(['rick', 'morty', 'summer'].includes(who));
  });

  it.each(EVERYONE)('lets %s update and delete own todos, and Rick those of others', async (who) => {
    for (const name of ['can_update_todo', 'can_delete_todo'])
      for (const owner of OWNERS) {
        const decision = await decide({ subject: subject(who), action: { name }, resource: todo(owner) });
        expect([name, owner, decision]).toEqual([name, owner, who === 'rick' || who === owner]);
      }
  });

  it.each(EVERYONE)('says in one request which todos %s may complete', async (who) => {
    const answer = await backend.post('/access/v1/evaluations', {
      subject: subject(who),
      action: { name: 'can_update_todo' },
      resource: {},
      context: {},
      evaluations: OWNERS.map((owner) => ({ resource: todo(owner) })),
    });
    expect(answer.status, answer.text).toBe(200);
    expect(answer.body.evaluations.map(({ decision }: any) => decision)).toEqual(
      OWNERS.map((owner) => who === 'rick' || who === owner),
    );
  });

  it('finds who may do something, what with, and what', async () => {
    const search = async (what: string, body: object) => {
      const answer = await backend.post(`/access/v1/search/${what}`, body, { 'x-request-id': what });
      expect([answer.status, answer.headers.get('x-request-id')]).toEqual([200, what]);
      return answer.body.results;
    };
    const updaters = await search('subject', {
      subject: { type: 'client' },
      action: { name: 'can_update_todo' },
      resource: todo('morty'),
    });
    const known = updaters.filter(({ id }: any) => Object.values(PEOPLE).includes(id));
    expect(known).toEqual([subject('rick'), subject('morty')]);
    const own = {
      subject: subject('summer'),
      action: { name: 'can_delete_todo' },
      resource: { type: 'todo' },
    };
    expect(await search('resource', own)).toEqual([{ type: 'todo', id: TODOS.summer }]);
    const names = async (who: Person) =>
      (await search('action', { subject: subject(who), resource: todo('rick') })).map(
        ({ name }: any) => name,
      );
    expect(await names('beth')).toEqual(['can_read_todos']);
    expect((await names('morty')).sort()).toEqual(['can_create_todo', 'can_read_todos']);
  });

  it('is asked for nothing by a user, a stranger, or without credentials', async () => {
    const asked = { action: { name: 'can_read_todos' }, resource: { type: 'todo', id: 'todo-1' } };
    expect(await decide({ ...asked, subject: { type: 'user', id: PEOPLE.rick } })).toBe(false);
    expect(await decide({ ...asked, subject: { type: 'client', id: 'birdperson' } })).toBe(false);
    const refused = await request(`${library.server.url}/access/v1/evaluation`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'anonymous' },
      body: JSON.stringify({ ...asked, subject: subject('rick') }),
    });
    expect([refused.status, refused.headers.get('x-request-id')]).toEqual([401, 'anonymous']);
    expect(refused.headers.get('www-authenticate')).toBeTruthy();
  });
});
