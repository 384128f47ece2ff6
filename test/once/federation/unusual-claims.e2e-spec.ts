import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { INVALID_CLIENT } from '../../support/assertions.js';
import { useLibrary } from '../../support/library.js';
import { aFederatedClient, Platform, present } from '../../support/platforms.js';

const library = useLibrary({
  env: { LATCHKEY_PRIVATE_JWKS_URI: 'allow', LATCHKEY_FAILURES_PER_MINUTE: '0' },
});
let platform: Platform;
let made = 0;

beforeAll(async () => {
  platform = await Platform.start({ alg: 'ES256' });
  await platform.trust(library.server, 'platform', { replay: 'reuse' });
});

afterAll(() => platform.stop());

const deep = (levels: number, value: unknown): unknown =>
  levels === 0 ? value : { a: deep(levels - 1, value) };

/** By name: what a rule demands, claims that meet it, and claims that look like those. */
const DEMANDS: [string, Record<string, unknown>, object[], object[]][] = [
  [
    'a string that looks like a boolean',
    { p: 'true' },
    [{ p: 'true' }],
    [{ p: true }, { p: 'True' }, { p: 1 }, { p: 'true ' }],
  ],
  ['a boolean', { p: true }, [{ p: true }], [{ p: 'true' }, { p: 1 }, { p: {} }, { p: 'yes' }]],
  ['false', { p: false }, [{ p: false }], [{}, { p: null }, { p: '' }, { p: 0 }, { p: 'false' }]],
  [
    'a string that looks like a number',
    { p: '65' },
    [{ p: '65' }],
    [{ p: 65 }, { p: '065' }, { p: '65.0' }, { p: ' 65' }],
  ],
  ['a number', { p: 65 }, [{ p: 65 }, { p: 65.0 }], [{ p: '65' }, { p: 65.5 }, { p: -65 }, { p: [[65]] }]],
  ['zero', { p: 0 }, [{ p: 0 }], [{ p: false }, { p: '0' }, { p: '' }, { p: null }, {}]],
  [
    'one of several types',
    { p: ['a', 1, true] },
    [{ p: 'a' }, { p: 1 }, { p: true }, { p: ['b', 1] }],
    [{ p: '1' }, { p: 'true' }, { p: [] }, { p: { a: 1 } }],
  ],
  ['composed letters', { p: 'Zoë' }, [{ p: 'Zoë' }], [{ p: 'Zoe\u0308' }, { p: 'ZOË' }, { p: 'Zo%C3%AB' }]],
  [
    'a character beyond the basic plane',
    { '🤖': '🧑🏽‍🚀' },
    [{ '🤖': '🧑🏽‍🚀' }],
    [{ '🤖': '🧑' }, { '🤖': '🧑🏽‍🚀 ' }],
  ],
  [
    'the longest value',
    { p: 'x'.repeat(1024) },
    [{ p: 'x'.repeat(1024) }],
    [{ p: 'x'.repeat(1025) }, { p: 'x'.repeat(1023) }],
  ],
  [
    'a member 30 levels down',
    { [`/p${'/a'.repeat(29)}`]: 'v' },
    [{ p: deep(29, 'v') }],
    [{ p: deep(28, 'v') }, { p: deep(30, 'v') }],
  ],
  [
    'a member with both escapes',
    { '/~0~1/~01': 'v' },
    [{ '~/': { '~1': 'v' } }],
    [{ '~/': { '/': 'v' } }, { '~': { '': 'v' } }],
  ],
  [
    'a member without a name',
    { '/p/': 'v' },
    [{ p: { '': 'v' } }],
    [{ p: 'v' }, { p: { a: 'v' } }, { p: ['v'] }],
  ],
  [
    'an inherited member of a member',
    { '/p/toString': 'v' },
    [{ p: { toString: 'v' } }],
    [{ p: {} }, { p: 'v' }],
  ],
  [
    'a prototype',
    { '/__proto__/admin': true },
    [],
    [{}, { admin: true }, JSON.parse('{"p": {"__proto__": {"admin": true}}}')],
  ],
  [
    'a URL with a slash in a name',
    { '/https:~1~1example.com~1t/id': 7 },
    [{ 'https://example.com/t': { id: 7 } }],
    [
      { 'https://example.com/t': 7 },
      { 'https://example.com/t/': { id: 7 } },
      { 'https://example.com/t/id': 7 },
    ],
  ],
  ['a registered claim', { azp: 'x' }, [{ azp: 'x' }], [{ azp: ['y'] }, {}]],
];

describe('A rule', () => {
  it.each(DEMANDS)(
    'that demands %s is met by it and by nothing alike',
    async (_what, claims, right, wrong) => {
      const { server } = library;
      const subject = `claims/${++made}`;
      await aFederatedClient(server, [{ issuer: 'platform', subject, claims }]);
      const ask = async (own: object) =>
        present(server, await platform.token(server, { ...own, sub: subject }));
      for (const own of right) expect([own, (await ask(own)).status]).toEqual([own, 200]);
      for (const own of wrong) {
        const { status, body } = await ask(own);
        expect([own, status, body]).toEqual([own, 401, INVALID_CLIENT]);
      }
    },
  );

  it('is shown as it was written, whatever its characters', async () => {
    const rest = admin(library.server);
    for (const [what, claims] of DEMANDS) {
      const federated = [{ issuer: 'platform', subject: `shown/${what}/é🤖'"`, claims }];
      const { body } = await rest.put(`/Client/shown`, { federated });
      expect(body.federated).toEqual(federated);
      expect((await rest.get('/Client/shown')).body.federated).toEqual(federated);
    }
  });

  it.each([
    [{ subject: 'a\uD800' }, 'subject'],
    [{ subject: 'a\u0000' }, 'subject'],
    [{ subject: 'a', claims: { p: 'a\uDC00' } }, 'claims.p'],
    [{ subject: 'a', claims: { 'p\uD800': 'a' } }, 'claims'],
    [{ subject: 'a', claims: { 'p\n': 'a' } }, 'claims'],
    [{ subject: 'a', claims: { p: null } }, 'claims.p'],
    [{ subject: 'a', claims: { p: {} } }, 'claims.p'],
  ])('%j is invalid', async (rule, path) => {
    const { status, body } = await admin(library.server).put('/Client/odd', {
      federated: [{ issuer: 'platform', ...rule }],
    });
    expect(status, JSON.stringify(body)).toBe(422);
    expect(body.errors[0].path).toContain(`federated[0].${path}`);
  });

  it('rejects a token of more claims than are read with the same 401', async () => {
    const { server } = library;
    const subject = 'claims/long';
    await aFederatedClient(server, [{ issuer: 'platform', subject }]);
    const token = (length: number) => platform.token(server, { sub: subject, p: 'x'.repeat(length) });
    expect((await present(server, await token(5000))).status).toBe(200);
    for (const length of [7000, 20_000])
      expect((await present(server, await token(length))).body).toEqual(INVALID_CLIENT);
  });
});
