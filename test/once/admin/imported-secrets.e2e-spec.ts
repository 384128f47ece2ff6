import { pbkdf2Sync, randomBytes, randomUUID } from 'node:crypto';
import { hash } from '@node-rs/bcrypt';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { FROM_ANYWHERE, from } from '../../support/addresses.js';
import { type Admin, admin } from '../../support/admin.js';
import { basic, form } from '../../support/http.js';
import { rememberSecret } from '../../support/leaks.js';
import { useLibrary } from '../../support/library.js';
import { openRows } from '../../support/rows.js';

const library = useLibrary({ env: { ...FROM_ANYWHERE, LATCHKEY_FAILURES_PER_MINUTE: undefined } });
const SECRET = 'the secret of another system 8231';
const BASE = { grant_types: ['client_credentials'] };

let root: Admin;
let bcrypt: string;

beforeAll(async () => {
  root = admin(library.server);
  bcrypt = remembered((await hash(SECRET, 4)).replace('$2b$', '$2a$'));
});

/** Never logged either. */
function remembered(secretHash: string): string {
  rememberSecret(secretHash);
  return secretHash;
}

/** As Hydra writes it. */
function pbkdf2(digest: 'sha256' | 'sha512', iterations: number, bytes: number): string {
  const salt = randomBytes(16);
  const text = (buffer: Buffer) => buffer.toString('base64').replace(/=+$/, '');
  const key = pbkdf2Sync(SECRET, salt, iterations, bytes, digest);
  return remembered(`$pbkdf2-${digest}$i=${iterations},l=${bytes}$${text(salt)}$${text(key)}`);
}

const ask = async (id: string, secret: string, address = '192.0.2.1') =>
  (
    await form(
      `${library.server.url}/auth/token`,
      { grant_type: 'client_credentials' },
      { ...basic(id, secret), ...from(address) },
    )
  ).status;

/** What is stored in place of the client's secret. */
async function storedOf(id: string): Promise<string> {
  const rows = await openRows(library.server);
  try {
    const [row] = await rows.all('SELECT digest FROM client_secret WHERE client_id = ?', [id]);
    return String(row?.digest);
  } finally {
    await rows.close();
  }
}

/** Lets the next request verify against what is stored. */
async function forget(id: string): Promise<void> {
  const rows = await openRows(library.server);
  await rows.all('UPDATE client_secret SET id = ? WHERE client_id = ?', [randomUUID(), id]);
  await rows.close();
  await root.patch(`/Client/${id}`, { name: 'read again' });
}

describe('A hash in place of a secret', () => {
  it.each([
    ['bcrypt', () => bcrypt],
    ['pbkdf2-sha256', () => pbkdf2('sha256', 25_000, 32)],
    ['pbkdf2-sha512', () => pbkdf2('sha512', 5000, 64)],
  ])('of the form %s lets the old secret in, and is replaced at its first use', async (name, make) => {
    const id = `hashed-${name}`;
    const secretHash = make();
    const { status, body, text } = await root.put(`/Client/${id}`, { ...BASE, secret_hash: secretHash });
    expect(status, text).toBe(201);
    expect(body).not.toHaveProperty('secret_hash');
    expect(body.secrets).toHaveLength(1);
    expect(await storedOf(id)).toBe(secretHash);
    expect(await ask(id, `${SECRET}x`)).toBe(401);
    expect(await ask(id, secretHash)).toBe(401);
    expect(await storedOf(id)).toBe(secretHash);
    expect(await ask(id, SECRET)).toBe(200);
    expect(await storedOf(id)).toMatch(/^\$argon2id\$/);
    await forget(id);
    expect(await ask(id, `${SECRET}x`, '192.0.2.2')).toBe(401);
    expect(await ask(id, SECRET, '192.0.2.2')).toBe(200);
    const shown = [await root.get(`/Client/${id}`), await root.get(`/AuditEvent?client=${id}`)];
    for (const { text: answer } of shown) expect(answer).not.toContain(secretHash.slice(0, 10));
    expect((await root.get(`/Client/${id}`)).body.secrets[0].id).not.toBe(body.secrets[0].id);
  });

  it('replaces it once where many first requests arrive together', async () => {
    await root.put('/Client/hashed-together', { ...BASE, secret_hash: bcrypt });
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask('hashed-together', SECRET)));
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(await storedOf('hashed-together')).toMatch(/^\$argon2id\$/);
  });

  it('is followed by a rotation and confirmed by a write of the same secret', async () => {
    await root.post('/Client', { id: 'hashed-posted', ...BASE, secret_hash: bcrypt });
    const confirmed = await root.put('/Client/hashed-posted', { ...BASE, secret: SECRET });
    expect([confirmed.status, confirmed.body.meta.versionId]).toEqual([200, '1']);
    expect(await ask('hashed-posted', SECRET)).toBe(200);
    expect(await storedOf('hashed-posted')).toMatch(/^\$argon2id\$/);
    const rotated = await root.post('/Client/hashed-posted/$rotate-secret', {});
    expect([await ask('hashed-posted', SECRET), await ask('hashed-posted', rotated.body.secret)]).toEqual([
      401, 200,
    ]);
  });

  it('is written by a Bundle, and by none of its dry runs', async () => {
    const resource = { ...BASE, secret_hash: bcrypt };
    const entry = [{ resource, request: { method: 'PUT', url: 'Client/hashed-bundled' } }];
    expect((await root.post('/?_dryRun=true', { type: 'transaction', entry })).status).toBe(200);
    expect(await ask('hashed-bundled', SECRET)).toBe(401);
    const { status, text } = await root.post('/', { type: 'transaction', entry });
    expect([status, text.includes(bcrypt)]).toEqual([200, false]);
    expect(await ask('hashed-bundled', SECRET, '192.0.2.3')).toBe(200);
  });

  it('grants what the policies of the same Bundle grant, from the first request on', async () => {
    const ids = Array.from({ length: 15 }, (_, n) => `hashed-many-${n}`);
    const link = (id: string) => [{ resourceType: 'Client', id }];
    const rules = [{ effect: 'allow', resource: 'book', identifier: '*', operations: ['read'] }];
    const put = (url: string, resource: object) => ({ resource, request: { method: 'PUT', url } });
    const entry = ids.flatMap((id) => [
      put(`Client/${id}`, { ...BASE, secret_hash: bcrypt }),
      put(`AccessPolicy/${id}`, { engine: 'rules', link: link(id), rules }),
    ]);
    // Token requests meanwhile neither wait for the Bundle, which may ask for the same, nor keep the state before it.
    await root.put('/Client/hashed-other', { ...BASE, secret_hash: bcrypt });
    let isWritten = false;
    const other = (async () => {
      while (!isWritten) await ask('hashed-other', SECRET).catch(() => undefined);
    })();
    try {
      expect((await root.post('/', { type: 'transaction', entry })).status).toBe(200);
    } finally {
      isWritten = true;
      await other;
    }
    const scopes = await Promise.all(
      ids.map(async (id) => {
        const fields = { grant_type: 'client_credentials', audience: 'urn:library' };
        const headers = { ...basic(id, SECRET), ...from('192.0.2.21') };
        return (await form(`${library.server.url}/auth/token`, fields, headers)).body.scope;
      }),
    );
    expect(new Set(scopes)).toEqual(new Set(['book:*:read']));
  });

  it.each([
    ['another form', () => ({ secret_hash: 'sha256:abc' })],
    ['a number', () => ({ secret_hash: 7 })],
    ['null', () => ({ secret_hash: null })],
    ['too high a cost', () => ({ secret_hash: bcrypt.replace('$04$', '$13$') })],
    ['a secret beside it', () => ({ secret_hash: bcrypt, secret: SECRET })],
    [
      'the grant type basic, since its strength is unknown',
      () => ({
        grant_types: ['basic'],
        secret_hash: bcrypt,
      }),
    ],
  ])('is rejected with %s', async (_, members) => {
    expectProblem(await root.put('/Client/hash-rejected', { ...BASE, ...members() }), 422, ['secret_hash']);
    expect((await root.get('/Client/hash-rejected')).status).toBe(404);
  });

  it('is rejected for a client that exists', async () => {
    await root.put('/Client/hash-too-late', { ...BASE, secret: SECRET });
    const body = { ...BASE, secret_hash: bcrypt };
    expectProblem(await root.put('/Client/hash-too-late', body), 422, ['secret_hash']);
    expectProblem(await root.patch('/Client/hash-too-late', { secret_hash: bcrypt }), 422, ['secret_hash']);
    expect((await root.get('/Client/hash-too-late')).body.meta.versionId).toBe('1');
  });

  it('is guessed no more often than another secret', async () => {
    await root.put('/Client/hash-guessed', { ...BASE, secret_hash: bcrypt });
    const guesses = [];
    for (let n = 0; n < 21; n++) guesses.push(await ask('hash-guessed', `guess number ${n}`, '192.0.2.9'));
    expect(guesses).toEqual([...Array(20).fill(401), 429]);
    expect(await ask('hash-guessed', SECRET, '192.0.2.9')).toBe(429);
    expect(await ask('hash-guessed', SECRET, '192.0.2.10')).toBe(200);
  });
});
