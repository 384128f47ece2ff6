import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { NATIVE } from '../support/dialects.js';
import { useLibrary } from '../support/library.js';
import { aClient, aResource } from '../support/registration.js';

const library = useLibrary();

/** Four bytes in UTF-8, two units in UTF-16, one character in a database. */
const WIDE = '𝒶';
/** Two characters in lower case, which the column for searches holds. */
const GROWING = 'İ';
const LONG = 255;

const tooLong = (answer: { status: number; text: string }, member: string) =>
  expect([answer.status, answer.text]).toEqual([422, expect.stringContaining(member)]);

describe('Length limits of columns', { timeout: 120_000 }, () => {
  it.each([WIDE, GROWING, 'a', '漢'])(
    'accepts names of %s at the maximum length and rejects longer ones (fault D5)',
    async (letter) => {
      const root = admin(library.server);
      const at = (characters: number) => ({ name: letter.repeat(characters) });
      const id = `n${letter.codePointAt(0)}`;
      expect((await root.put(`/Client/${id}`, at(LONG))).status).toBe(201);
      tooLong(await root.put(`/Client/${id}`, at(LONG + 1)), 'name');
      expect(
        (await root.put(`/Resource/${id}`, { operations: [{ name: 'read' }], ...at(LONG) })).status,
      ).toBe(201);
      tooLong(await root.put(`/Resource/${id}`, { operations: [{ name: 'read' }], ...at(LONG + 1) }), 'name');
      expect((await root.get(`/Client/${id}`)).body.name).toBe(at(LONG).name);
    },
  );

  it('accepts ids at the maximum length and rejects longer ones (fault D5)', async () => {
    const root = admin(library.server);
    for (const type of ['Client', 'Resource', 'AccessPolicy']) {
      const members = {
        Client: {},
        Resource: { operations: [{ name: 'read' }] },
        AccessPolicy: { engine: 'allow', link: [{ resourceType: 'Client', id: library.server.adminId }] },
      };
      const body = members[type as keyof typeof members];
      expect([type, (await root.put(`/${type}/${'i'.repeat(64)}`, body)).status]).toEqual([type, 201]);
      expect([400, 404, 422]).toContain((await root.put(`/${type}/${'i'.repeat(65)}`, body)).status);
    }
  });

  it('stores a client and a resource with every list full (fault D5)', async () => {
    const root = admin(library.server);
    const audience = (at: number) => `${'&'.repeat(LONG - 3)}${String(at).padStart(3, '0')}`;
    const full = {
      auth: { client_credentials: { audience: Array.from({ length: 100 }, (_, at) => audience(at)) } },
    };
    expect((await root.put('/Client/full-list', full)).status).toBe(201);
    expect((await root.get('/Client/full-list')).body.auth.client_credentials.audience).toHaveLength(100);
    const more = {
      auth: { client_credentials: { audience: Array.from({ length: 101 }, (_, at) => audience(at)) } },
    };
    tooLong(await root.put('/Client/full-list', more), 'audience');
    const clients = Array.from({ length: 500 }, (_, at) => ({
      resourceType: 'Client',
      id: `c${String(at).padStart(63, '0')}`,
    }));
    const answer = await root.put('/Resource/full-introspection', {
      operations: [{ name: 'read' }],
      introspection_clients: clients,
    });
    // Every client that is named has to exist.
    expect([201, 422]).toContain(answer.status);
  });

  it("accepts the maximum length of a token's audiences and rejects more (fault D5)", async () => {
    const { server } = library;
    const many = 140;
    const audience = (at: number) => `urn:${'x'.repeat(LONG - 7)}${String(at).padStart(3, '0')}`;
    for (let at = 0; at < many; at++)
      await aResource(server, `wide${at}`, ['read'], { audience: audience(at) });
    const client = await aClient(server).withTokens({ token_format: 'opaque' }).withEverything().register();
    const scope = (count: number) => Array.from({ length: count }, (_, at) => `wide${at}:1:read`).join(' ');
    const fits = await client.ask(NATIVE, { scope: scope(120) });
    expect(fits.status).toBe(200);
    const { status, body } = await client.ask(NATIVE, { scope: scope(many) });
    expect([status, body]).toEqual([
      400,
      { error: 'invalid_target', error_description: expect.stringContaining('request fewer') },
    ]);
    expect(server.stderr()).not.toContain('"level":"error"');
  });
});
