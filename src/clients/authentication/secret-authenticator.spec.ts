import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SecretHasher } from '../../crypto/secret-hasher.js';
import { InvalidClient, WrongCredential } from '../../protocol/invalid-client.js';
import type { SecretCredential } from '../client-credential.js';
import type { ClientRegistry } from '../client-registry.js';
import type { RegisteredClient, RegisteredSecret } from '../registered-client.js';
import { AcceptedSecrets } from './accepted-secrets.js';
import type { AuthenticationThrottle } from './authentication-throttle.js';
import type { CredentialUse } from './credential-use.js';
import type { ImportedSecrets } from './imported-secrets.js';
import { SecretAuthenticator } from './secret-authenticator.js';
import { SecretCheck } from './secret-check.js';

const CREDENTIAL: SecretCredential = { method: 'client_secret_basic', clientId: 'c', clientSecret: 'right' };

const ORIGIN = { address: '192.0.2.1', network: '192.0.2.1', userAgent: undefined };

const aSecret = (id: string, digest: string): RegisteredSecret => ({
  id,
  pepperId: null,
  digest,
  expiresAt: null,
});

const aClient = (secrets: readonly RegisteredSecret[]) =>
  ({
    client: { id: 'c', version: 1, active: true, tokenEndpointAuthMethod: null },
    secrets,
  }) as RegisteredClient;

let registered: RegisteredClient | undefined;
/** Digests here are the secrets themselves; each check is counted, and may last until something has happened. */
let checks: number;
let meanwhile: () => void;
let authenticator: SecretAuthenticator;
let accepted: AcceptedSecrets;

beforeEach(() => {
  registered = aClient([aSecret('first', 'older'), aSecret('second', 'right')]);
  checks = 0;
  accepted = new AcceptedSecrets();
  meanwhile = () => {};
  const find = async (secret: string, among: readonly RegisteredSecret[]) => {
    checks++;
    meanwhile();
    return among.find(({ digest }) => digest === secret);
  };
  const runGuess = (_attempt: unknown, _guess: string, _plausible: boolean, check: () => Promise<unknown>) =>
    check();
  const run = (_attempt: unknown, check: () => Promise<unknown>) => check();
  const check = new SecretCheck(
    { find, fingerprint: (text: string) => text } as unknown as SecretHasher,
    { run, runGuess, assertNotRepeated: () => {} } as unknown as AuthenticationThrottle,
    accepted,
    { adopt: async () => {} } as unknown as ImportedSecrets,
  );
  authenticator = new SecretAuthenticator({ find: () => registered } as unknown as ClientRegistry, check, {
    noteSecret: () => {},
  } as unknown as CredentialUse);
});

const authenticate = async (credential = CREDENTIAL) =>
  (await authenticator.authenticate(credential, () => ORIGIN)).id;

/** The id of the client, or why there is none, without a secret being hashed. */
async function recall(credential = CREDENTIAL): Promise<string | undefined> {
  const before = checks;
  const id = await authenticate(credential).catch(() => undefined);
  return checks === before ? id : undefined;
}

/** As it comes in a header; how often that was parsed is counted. */
function aHeader(header: string, clientId?: string) {
  let parsed = 0;
  const parse = () => {
    parsed++;
    return CREDENTIAL;
  };
  return {
    id: async () => (await authenticator.authenticateHeader({ header, clientId, parse }, () => ORIGIN)).id,
    parsed: () => parsed,
  };
}

describe('SecretAuthenticator', () => {
  it('does not check a secret that this process has stored itself, while it is stored', async () => {
    accepted.add('second', 'right');
    expect(await recall()).toBe('c');
    expect(await recall({ ...CREDENTIAL, clientSecret: 'wrong' })).toBeUndefined();
    registered = aClient([aSecret('first', 'older'), aSecret('third', 'right')]);
    expect(await recall()).toBeUndefined();
  });

  it('checks a secret once, and recalls its client afterwards', async () => {
    expect(await authenticate()).toBe('c');
    expect([await recall(), await authenticate()]).toEqual(['c', 'c']);
    expect(checks).toBe(1);
  });

  it('parses a header once, and again for another client_id or a client that has changed', async () => {
    const first = aHeader('Basic x');
    const named = aHeader('Basic x', 'c');
    const other = aHeader('Basic x', 'd');
    for (const one of [first, first, named, other]) expect(await one.id()).toBe('c');
    expect([first.parsed(), named.parsed(), other.parsed()]).toEqual([1, 0, 1]);
    registered = aClient([aSecret('third', 'right')]);
    const changed = aHeader('Basic x');
    expect(await changed.id()).toBe('c');
    expect(changed.parsed()).toBe(1);
  });

  it('recalls a secret by whichever method presents it, where the client may use that (fault C2)', async () => {
    await authenticate();
    const inBody = { ...CREDENTIAL, method: 'client_secret_post' as const };
    expect(await recall(inBody)).toBe('c');
    registered = {
      ...(registered as RegisteredClient),
      client: { ...(registered as RegisteredClient).client, tokenEndpointAuthMethod: 'client_secret_basic' },
    };
    expect([await recall(), await recall(inBody)]).toEqual(['c', undefined]);
  });

  it('recalls nothing of another secret or another client', async () => {
    await authenticate();
    for (const other of [{ clientSecret: 'older' }, { clientId: 'd' }])
      expect(await recall({ ...CREDENTIAL, ...other })).toBeUndefined();
  });

  it.each<[string, (from: RegisteredClient) => RegisteredClient | undefined]>([
    ['another version', (from) => ({ ...from, client: { ...from.client, version: 2 } })],
    ['fewer secrets', (from) => ({ ...from, secrets: from.secrets.slice(1) })],
    [
      'a secret that has ended',
      ({ secrets: [first, second], ...from }) => ({
        ...from,
        secrets: [first as RegisteredSecret, { ...(second as RegisteredSecret), expiresAt: Date.now() - 1 }],
      }),
    ],
    ['been disabled', (from) => ({ ...from, client: { ...from.client, active: false } })],
    ['been removed', () => undefined],
  ])('recalls nothing of a client that has %s', async (_what, changed) => {
    await authenticate();
    registered = changed(registered as RegisteredClient);
    expect(await recall()).toBeUndefined();
  });

  it('hashes a wrong secret once, and again when the client has changed (fault C2)', async () => {
    const wrong = { ...CREDENTIAL, clientSecret: 'wrong' };
    for (let n = 0; n < 5; n++) await expect(authenticate(wrong)).rejects.toThrow(InvalidClient);
    expect(checks).toBe(1);
    registered = aClient([aSecret('third', 'wrong')]);
    expect(await authenticate(wrong)).toBe('c');
  });

  it('counts no failure but that of a secret that does not fit (fault C1)', async () => {
    const failureOf = (credential: SecretCredential) => authenticate(credential).catch((error) => error);
    expect(await failureOf({ ...CREDENTIAL, clientSecret: 'wrong' })).toBeInstanceOf(WrongCredential);
    const changes: Partial<RegisteredClient['client']>[] = [
      { tokenEndpointAuthMethod: 'client_secret_post' },
    ];
    for (const change of changes) {
      const { client, secrets } = aClient([aSecret('only', 'right')]);
      registered = { client: { ...client, ...change }, secrets };
      const failure = await failureOf(CREDENTIAL);
      expect(failure).toBeInstanceOf(InvalidClient);
      expect(failure).not.toBeInstanceOf(WrongCredential);
    }
  });

  it('compares no secret of a disabled client, so that a right one is rejected like a wrong one (C10, RFC 6749 5.2)', async () => {
    const { client, secrets } = aClient([aSecret('only', 'right')]);
    registered = { client: { ...client, active: false }, secrets };
    const failures = [];
    for (const clientSecret of ['right', 'wrong', 'right', 'wrong']) {
      const before = checks;
      const error = await authenticate({ ...CREDENTIAL, clientSecret }).catch((one) => one);
      failures.push([error.constructor, error.explanation, checks - before]);
    }
    const disabled = 'the client is disabled';
    expect(failures).toEqual([
      [WrongCredential, disabled, 1],
      [WrongCredential, disabled, 1],
      [WrongCredential, disabled, 0],
      [WrongCredential, disabled, 0],
    ]);
  });

  it('finds a secret in either of its readings, and no other (fault C5)', async () => {
    const both = { ...CREDENTIAL, clientSecret: 'a b', secretAsSent: 'a+b' };
    for (const [kept, reading, fits] of [
      ['a b', both, true],
      ['a+b', both, true],
      ['a b', { ...CREDENTIAL, clientSecret: 'a+b' }, false],
      ['a+b', { ...CREDENTIAL, clientSecret: 'a b' }, false],
    ] as const) {
      registered = aClient([aSecret(`kept ${kept} ${fits}`, kept)]);
      const found = await authenticate(reading).catch(() => 'refused');
      expect(found, `${kept} by ${reading.clientSecret}`).toBe(fits ? 'c' : 'refused');
    }
  });

  it('refuses a secret that ends while it is checked', async () => {
    const now = Date.now();
    registered = aClient([{ ...aSecret('only', 'right'), expiresAt: now + 60_000 }]);
    vi.useFakeTimers({ toFake: ['Date'], now });
    try {
      meanwhile = () => vi.setSystemTime(now + 60_000);
      await expect(authenticate()).rejects.toMatchObject({ code: 'invalid_client' });
    } finally {
      vi.useRealTimers();
    }
  });
});
