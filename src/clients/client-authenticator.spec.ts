import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { SecretHasher } from '../crypto/secret-hasher.js';
import { ClientAuthenticator, type SecretCredential } from './client-authenticator.js';
import type { ClientRegistry } from './client-registry.js';
import type { FailureLimits } from './failure-limits.js';
import type { RegisteredClient, RegisteredSecret } from './registered-client.js';
import type { SecretUse } from './secret-use.js';

const CREDENTIAL: SecretCredential = { method: 'client_secret_basic', clientId: 'c', clientSecret: 'right' };

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
let authenticator: ClientAuthenticator;

beforeEach(() => {
  registered = aClient([aSecret('first', 'older'), aSecret('second', 'right')]);
  checks = 0;
  meanwhile = () => {};
  const find = async (secret: string, among: readonly RegisteredSecret[]) => {
    checks++;
    meanwhile();
    return among.find(({ digest }) => digest === secret);
  };
  const run = (_attempt: unknown, _verified: boolean, check: () => Promise<unknown>) => check();
  authenticator = new ClientAuthenticator(
    { find: () => registered } as unknown as ClientRegistry,
    { find } as unknown as SecretHasher,
    { note: () => {} } as unknown as SecretUse,
    { run, refuseVerified: () => {} } as unknown as FailureLimits,
  );
});

const authenticate = async (credential = CREDENTIAL) =>
  (await authenticator.authenticate(await authenticator.look(credential), '192.0.2.1')).id;

const recall = async (credential = CREDENTIAL) =>
  authenticator.recall(await authenticator.look(credential), '192.0.2.1')?.id;

describe('ClientAuthenticator', () => {
  it('checks a secret once, and recalls its client afterwards', async () => {
    expect(await recall()).toBeUndefined();
    expect(await authenticate()).toBe('c');
    expect([await recall(), await authenticate()]).toEqual(['c', 'c']);
    expect(checks).toBe(1);
  });

  it('recalls nothing of another secret, another method or another client', async () => {
    await authenticate();
    for (const other of [
      { clientSecret: 'older' },
      { method: 'client_secret_post' as const },
      { clientId: 'd' },
    ])
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
