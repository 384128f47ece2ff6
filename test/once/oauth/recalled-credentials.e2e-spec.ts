import { beforeAll, describe, expect, it } from 'vitest';
import { type Admin, admin } from '../../support/admin.js';
import { form } from '../../support/http.js';
import { useLibrary } from '../../support/library.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

const SECRET = 'a chosen secret of a client';
const REGISTERED = { grant_types: ['client_credentials'], secret: SECRET };

/** Spellings of one header (RFC 9110 11.1, 11.4): each is new to the server, the credential in it is not. */
const SPELLINGS = ['Basic ', 'basic ', 'BASIC ', 'Basic  ', 'bAsIc   '];

async function ask(id: string, spelling: string, secret = SECRET): Promise<number> {
  const authorization = spelling + Buffer.from(`${id}:${encodeURIComponent(secret)}`).toString('base64');
  const fields = { grant_type: 'client_credentials' };
  return (await form(`${library.server.url}/auth/token`, fields, { authorization })).status;
}

/** A client whose secret was found right, by a header that was recognised afterwards. */
async function known(id: string): Promise<string> {
  expect((await root.put(`/Client/${id}`, REGISTERED)).status).toBe(201);
  expect([await ask(id, 'Basic '), await ask(id, 'Basic ')]).toEqual([200, 200]);
  return id;
}

const askedBySpellings = async (id: string, secret?: string) => {
  const statuses: number[] = [];
  for (const spelling of SPELLINGS) statuses.push(await ask(id, spelling, secret));
  return statuses;
};

const all = (status: number) => SPELLINGS.map(() => status);

describe('A credential that was found right', () => {
  it('accepts a verified credential in every spelling of its header, and no other secret (RFC 9110 11.4)', async () => {
    const id = await known('recalled');
    expect(await askedBySpellings(id)).toEqual(all(200));
    expect(await askedBySpellings(id, `${SECRET}!`)).toEqual(all(401));
    expect(await askedBySpellings(id)).toEqual(all(200));
  });

  it.each([
    [
      'its secret was replaced',
      (id: string) => root.patch(`/Client/${id}`, { secret: 'another chosen secret' }),
    ],
    ['its secret was taken away', (id: string) => root.patch(`/Client/${id}`, { secret: null })],
    ['its secret was rotated', (id: string) => root.post(`/Client/${id}/$rotate-secret`, { overlap: 0 })],
    ['it was disabled', (id: string) => root.patch(`/Client/${id}`, { active: false })],
    [
      'it may use another method alone',
      (id: string) => root.patch(`/Client/${id}`, { token_endpoint_auth_method: 'client_secret_post' }),
    ],
    ['it was deleted', (id: string) => root.delete(`/Client/${id}`)],
  ])('rejects a verified credential in every spelling after %s', async (what, change) => {
    const id = await known(`recalled-until-${what.replaceAll(' ', '-')}`);
    const { status, text } = await change(id);
    expect([200, 204], text).toContain(status);
    expect(await askedBySpellings(id)).toEqual(all(401));
  });
});
