import { beforeAll, describe, expect, it } from 'vitest';
import { expectProblem } from '../../admin/answers.js';
import { type Admin, admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { useLibrary } from '../../support/library.js';
import { aClient } from '../../support/registration.js';

const library = useLibrary();
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});

describe('Client ids, audiences and issuers are one namespace (A10, RFC 9700 4.15)', () => {
  it('rejects the id of a client as an audience of a resource', async () => {
    await root.put('/Client/in-use', {});
    expectProblem(await root.put('/Resource/r1', { audience: 'in-use' }), 409);
    expectProblem(await root.post('/Resource', { audience: 'in-use' }), 409);
    expectProblem(await root.put('/Resource/r1', { audience: 'root' }), 409);
    await root.put('/Resource/r1', { audience: 'urn:free' });
    expectProblem(await root.patch('/Resource/r1', { audience: 'in-use' }), 409);
    expect((await root.get('/Resource/r1')).body.audience).toBe('urn:free');
  });

  it('rejects the audience of a resource as a client id', async () => {
    await root.put('/Resource/r2', { audience: 'heard' });
    expectProblem(await root.put('/Client/heard', {}), 409);
    expectProblem(await root.post('/Client', { id: 'heard' }), 409);
    expect((await root.get('/Client/heard')).status).toBe(404);
    await root.put('/Resource/r2', { audience: 'urn:r2' });
    expect((await root.put('/Client/heard', {})).status).toBe(201);
  });

  it('distinguishes the two by case', async () => {
    await root.put('/Client/Cased', {});
    expect((await root.put('/Resource/r3', { audience: 'cased' })).status).toBe(201);
    expectProblem(await root.put('/Resource/r3', { audience: 'Cased' }), 409);
  });

  it('rejects an issuer of this server as an audience, with or without its slash', async () => {
    const { publicUrl } = library.server;
    for (const audience of [publicUrl, `${publicUrl}/`, `${publicUrl}/oidc`, `${publicUrl}/oidc/`]) {
      expectProblem(await root.put('/Resource/r4', { audience }), 409);
    }
    expect((await root.put('/Resource/r4', { audience: `${publicUrl}/api` })).status).toBe(201);
  });

  it('accepts the id of a resource as a client id', async () => {
    expect((await root.put('/Resource/in-use', { audience: 'urn:another' })).status).toBe(201);
    expect((await root.put('/Client/book', {})).status).toBe(201);
  });

  it('issues tokens for no other client, at most for the client itself', async () => {
    const client = await aClient(library.server).register();
    const refused = async (audience: string) => (await client.ask(NATIVE, { audience })).body.error;
    expect(await client.token(NATIVE, { audience: client.id })).toMatch(/^lka_/);
    for (const audience of ['in-use', 'root', `${library.server.publicUrl}/oidc`]) {
      expect(await refused(audience)).toBe('invalid_target');
    }
  });

  it("accepts a client's own id when it is replaced", async () => {
    expect((await root.put('/Client/in-use', { name: 'again' })).status).toBe(200);
    expect((await root.put('/Resource/r3', { audience: 'cased', name: 'again' })).status).toBe(200);
  });

  it('rejects one of two conflicting concurrent writes', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const name = `both-${turn}`;
      const answers = await Promise.all([
        root.put(`/Client/${name}`, {}),
        root.put(`/Resource/r-${turn}`, { audience: name }),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    }
  });
});

describe('The server’s own types are read-only resources', () => {
  const TYPES = {
    Client: ['read', 'create', 'update', 'delete', 'rotate'],
    Resource: ['read', 'create', 'update', 'delete'],
    AccessPolicy: ['read', 'create', 'update', 'delete'],
    Session: ['read', 'create', 'update', 'delete', 'introspect'],
    SigningKey: ['read', 'create', 'update', 'delete', 'rotate'],
    AuditEvent: ['read', 'create', 'update', 'delete'],
  };

  it.each(Object.entries(TYPES))('registers %s from the start', async (id, operations) => {
    const { status, body } = await root.get(`/Resource/${id}`);
    expect(status).toBe(200);
    expect(body.operations.map(({ name }: { name: string }) => name).sort()).toEqual([...operations].sort());
    expect(body).not.toHaveProperty('audience');
  });

  it.each(Object.keys(TYPES))('rejects replacing, patching and deleting %s', async (id) => {
    const before = await root.get(`/Resource/${id}`);
    for (const answer of [
      await root.put(`/Resource/${id}`, before.body),
      await root.put(`/Resource/${id}`, { operations: [] }),
      await root.patch(`/Resource/${id}`, { name: 'mine' }),
      await root.delete(`/Resource/${id}`),
      await root.post('/Resource', { id }),
    ]) {
      expectProblem(answer, 409);
    }
    expect((await root.get(`/Resource/${id}`)).body).toEqual(before.body);
  });

  it('accepts a resource whose id differs from an own type only in case', async () => {
    expect((await root.put('/Resource/client', {})).status).toBe(201);
    expect((await root.put('/Resource/SESSION', {})).status).toBe(201);
    expect((await root.get('/Resource/Client')).body.operations).not.toEqual([]);
  });
});
