import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HANDLE_PREFIXES } from '../../packages/protocol/src/handle-prefix.js';
import { type Admin, admin } from '../support/admin.js';
import { aSigningClient, Signer } from '../support/assertions.js';
import { DAY_MS, HOUR_MS, TestClock } from '../support/clock.js';
import { NATIVE } from '../support/dialects.js';
import { basic, form } from '../support/http.js';
import { KeyServer } from '../support/key-server.js';
import { useLibrary } from '../support/library.js';
import { aClient } from '../support/registration.js';
import { expectProblem, idsOf } from './answers.js';

const clock = new TestClock();
const library = useLibrary({
  env: { ...clock.env, LATCHKEY_TRUSTED_PROXIES: '127.0.0.1', LATCHKEY_PRIVATE_JWKS_URI: 'allow' },
});
let root: Admin;

beforeAll(() => {
  root = admin(library.server);
});
beforeEach(() => clock.set(0));
afterAll(() => clock.remove());

const use = (id: string, secret: string, headers: Record<string, string> = {}) =>
  form(
    `${library.server.url}${NATIVE.token}`,
    { grant_type: 'client_credentials' },
    { ...basic(id, secret), 'user-agent': 'job/1.0', ...headers },
  );

const usesOf = async (id: string) => (await root.get(`/Client/${id}`)).body.last_uses;

const TIME = expect.stringMatching(/^\d{4}-.*Z$/);

describe('The last uses of a client', () => {
  it('are when and from where each secret was used, the newest first', async () => {
    const client = await aClient(library.server).register();
    expect(await usesOf(client.id)).toBeUndefined();
    const { body: second } = await root.post(`/Client/${client.id}/$add-secret`, {});
    await use(client.id, client.secret, { 'user-agent': 'first/1' });
    await clock.set(HOUR_MS);
    const from = { 'user-agent': 'second/2', 'x-forwarded-for': '2001:db8::7:1' };
    await use(client.id, second.secret, from);
    const { secrets, last_uses } = (await root.get(`/Client/${client.id}`)).body;
    expect(last_uses).toEqual([
      { secret: second.secret_id, time: TIME, address: '2001:db8::7:1', user_agent: 'second/2' },
      { secret: secrets[0].id, time: TIME, address: '127.0.0.1', user_agent: 'first/1' },
    ]);
    expect(secrets.map((secret: any) => secret.last_used)).toEqual([last_uses[1].time, last_uses[0].time]);
    expect(Date.parse(last_uses[0].time) - Date.parse(last_uses[1].time)).toBeGreaterThanOrEqual(HOUR_MS);
  });

  it('include Basic at this API and introspection, and no failed authentication', async () => {
    const client = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .register();
    await use(client.id, 'wrong');
    expect(await usesOf(client.id)).toBeUndefined();
    await admin(library.server, client.basic).get('/Client', { 'user-agent': 'admin/1' });
    expect((await usesOf(client.id))[0]).toMatchObject({ user_agent: 'admin/1' });
    await clock.set(HOUR_MS);
    const headers = { ...client.basic, 'user-agent': 'api/1' };
    await form(`${library.server.url}/auth/introspect`, { token: 'x' }, headers);
    expect((await usesOf(client.id))[0]).toMatchObject({ user_agent: 'api/1' });
  });

  it('contain no credential that was sent as a user agent', async () => {
    const client = await aClient(library.server).register();
    await use(client.id, client.secret, { 'user-agent': `${'x'.repeat(185)} ${client.secret}` });
    const [{ user_agent }] = await usesOf(client.id);
    expect(user_agent).toBe(`${'x'.repeat(185)} ${HANDLE_PREFIXES.clientSecret}...`);
  });

  it('are by key for a client that signs', async () => {
    const [one, two] = [await Signer.make(), await Signer.make()];
    const client = await aSigningClient(library.server, {
      signer: one,
      jwks: { keys: [one.jwk, two.jwk] },
    });
    expect((await client.ask(NATIVE)).status).toBe(200);
    await clock.set(1000);
    const other = await two.sign(client.claims(NATIVE));
    expect((await client.present(NATIVE, other)).status).toBe(200);
    const from = { time: TIME, address: '127.0.0.1', user_agent: expect.any(String) };
    expect(await usesOf(client.id)).toEqual([
      { kid: two.jwk.kid, ...from },
      { kid: one.jwk.kid, ...from },
    ]);
  });

  it('show each key at a jwks_uri once, whatever its kid and its place in the set', async () => {
    const place = await KeyServer.start();
    const [old, next] = [await Signer.make(), await Signer.make('ES256', { kid: `ü\0${'k'.repeat(253)}` })];
    try {
      place.publish(old.jwk, next.jwk);
      const client = await aSigningClient(library.server, { signer: old, jwks_uri: place.uri() });
      const signedBy = async (signer: Signer) =>
        (await client.present(NATIVE, await signer.sign(client.claims(NATIVE)))).status;
      expect([await signedBy(old), await signedBy(next)]).toEqual([200, 200]);
      const kids = async () => (await usesOf(client.id)).map(({ kid }: any) => kid).sort();
      const long = `ü?${'k'.repeat(253)}`;
      expect(await kids()).toEqual([old.jwk.kid, long].sort());
      await library.server.restart();
      expect(await kids()).toEqual([old.jwk.kid, long].sort());
      place.publish(next.jwk);
      expect(await signedBy(next)).toBe(200);
      expect(await kids()).toEqual([long]);
    } finally {
      await place.stop();
    }
  });

  it('may be sent back, change no version, and cannot be written', async () => {
    const client = await aClient(library.server).register();
    const { headers } = await root.get(`/Client/${client.id}`);
    await use(client.id, client.secret);
    const { body } = await root.get(`/Client/${client.id}`);
    await clock.set(HOUR_MS);
    await use(client.id, client.secret);
    const again = await root.put(`/Client/${client.id}`, body);
    expect([again.status, again.headers.get('etag')]).toEqual([200, headers.get('etag')]);
    expect((await root.patch(`/Client/${client.id}`, { last_uses: body.last_uses })).status).toBe(200);
    await root.patch(`/Client/${client.id}`, { name: 'Renamed' });
    const { resource } = (await root.get('/AuditEvent?action=client.update&_count=1')).body.entry[0];
    expect(resource.detail.after).toMatchObject({ name: 'Renamed' });
    expect([resource.detail.before, resource.detail.after]).not.toContainEqual(
      expect.objectContaining({ last_uses: expect.anything() }),
    );
    for (const last_uses of ['now', null, {}, [{ by: 'me' }], [{ time: 1 }]]) {
      expectProblem(await root.patch(`/Client/${client.id}`, { last_uses }), 422, ['last_uses']);
    }
    expectProblem(await root.put(`/Client/${client.id}`, { ...body, last_uses: [{ by: 'me' }] }), 422, [
      'last_uses',
    ]);
  });
});

describe('The last use before a restart', () => {
  it('is kept after it and after a rotation, but not after the client, and counts in a search of unused clients', async () => {
    const used = await aClient(library.server, 'unused-a').register();
    const deleted = await aClient(library.server, 'unused-b').register();
    const find = async (unused: string) =>
      idsOf(await root.get(`/Client?_id=unused-a,unused-b&unused=${unused}`));
    expect(await find('1h')).toEqual([]);
    await clock.set(100 * DAY_MS);
    expect(await find('90d')).toEqual(['unused-a', 'unused-b']);
    await use(used.id, used.secret, { 'user-agent': 'kept/1' });
    await use(deleted.id, deleted.secret);
    // Before it is written.
    await root.delete(`/Client/${deleted.id}`);
    await root.put(`/Client/${deleted.id}`, {});
    expect(await usesOf(deleted.id)).toBeUndefined();
    const before = await usesOf(used.id);
    await library.server.restart();
    expect(await usesOf(used.id)).toEqual(before);
    expect(await usesOf(deleted.id)).toBeUndefined();
    expect((await root.post(`/Client/${used.id}/$rotate-secret`, {})).status).toBe(200);
    expect(await usesOf(used.id)).toEqual(before);
    expect(await find('1h')).toEqual([]);
    await clock.set(191 * DAY_MS);
    expect(await find('90d')).toEqual(['unused-a', 'unused-b']);
    expect(await find('2208h')).toEqual([]);
    expect(await find('14w')).toEqual([]);
    expect(await find('13w')).toEqual(['unused-a', 'unused-b']);
    await root.delete(`/Client/${used.id}`);
    await root.put(`/Client/${used.id}`, {});
    expect(await usesOf(used.id)).toBeUndefined();
  });
});

describe('A search of unused clients', () => {
  it.each(['', '90', 'd', '-1d', '1.5d', '90 d', '1y', '9999999d'])('rejects %j', async (unused) => {
    expectProblem(await root.get(`/Client?unused=${encodeURIComponent(unused)}`), 400, ['unused']);
  });
});

describe('$rotation', () => {
  const rotationOf = (id: string, query = '') => root.get(`/Client/${id}/$rotation${query}`);
  const verdicts = async (id: string, query = ''): Promise<string[]> =>
    (await rotationOf(id, query)).body.secrets.map(({ verdict }: any) => verdict.code);

  it('judges each secret by the last uses of all', async () => {
    const client = await aClient(library.server).register();
    await use(client.id, client.secret, { 'x-forwarded-for': '10.1.2.3' });
    const { body: second } = await root.post(`/Client/${client.id}/$add-secret`, { description: 'new' });
    expect(await verdicts(client.id)).toEqual(['in_use', 'not_used_yet']);
    await clock.set(9 * DAY_MS);
    expect(await verdicts(client.id)).toEqual(['no_successor', 'no_successor']);
    await use(client.id, second.secret);
    const { secrets } = (await root.get(`/Client/${client.id}`)).body;
    expect((await rotationOf(client.id)).body).toEqual({
      resourceType: 'Client',
      id: client.id,
      idle: '7d',
      hand_overs: [],
      secrets: [
        {
          ...secrets[0],
          address: '10.1.2.3',
          user_agent: 'job/1.0',
          verdict: {
            code: 'replaced',
            safe_to_end: true,
            text: 'last used 9 days ago from 10.1.2.3; the client has used another credential since: safe to end',
          },
        },
        {
          ...secrets[1],
          address: '127.0.0.1',
          user_agent: 'job/1.0',
          verdict: {
            code: 'in_use',
            safe_to_end: false,
            text: 'in use: last used less than a minute ago from 127.0.0.1: not safe to end',
          },
        },
      ],
    });
    expect(await verdicts(client.id, '?idle=30d')).toEqual(['in_use', 'in_use']);
  });

  it.each(['?idle=30', '?idle=59m', '?idle=401d', '?idle=', '?idle=7d&idle=8d', '?days=7'])(
    'rejects %s',
    async (query) => {
      expectProblem(await rotationOf('root', query), 400, [/\w+/.exec(query)?.[0] ?? '']);
    },
  );

  it('requires the right to read the client', async () => {
    const client = await aClient(library.server)
      .with({ grant_types: ['basic'] })
      .register();
    expectProblem(await admin(library.server, client.basic).get(`/Client/${client.id}/$rotation`), 403);
    expectProblem(await rotationOf('nobody-here'), 404);
  });
});
