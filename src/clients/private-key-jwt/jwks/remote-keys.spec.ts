import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Log } from '../../../config/log.js';
import { TemporarilyUnavailable } from '../../../protocol/unavailable.js';
import { type Assertion, readAssertion } from '../assertion.js';
import { sourceAt } from '../keys/key-source.js';
import type { PublicKey } from '../keys/public-key.js';
import type { JwksFetcher } from './jwks-fetcher.js';
import { JwksUnavailable } from './jwks-unavailable.js';
import { RemoteKeys } from './remote-keys.js';

const AT = sourceAt('https://keys.example/jwks');
const OTHER = sourceAt('https://keys.example/jwks?other');
const MINUTE = 60_000;
let key: PublicKey;
let assertion: Assertion;
let stranger: Assertion;

beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  key = { ...(await exportJWK(publicKey)), kid: 'k' } as PublicKey;
  const sign = (kid: string) => new SignJWT({}).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  assertion = readAssertion(await sign('k'));
  stranger = readAssertion(await sign('other'));
});

const fetch = vi.fn<JwksFetcher['fetch']>();
const warn = vi.fn();
let keys: RemoteKeys;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  fetch.mockReset().mockImplementation(async () => ({ keys: [key] }));
  keys = new RemoteKeys({ fetch } as unknown as JwksFetcher, { warn } as unknown as Log);
});

afterEach(() => {
  vi.useRealTimers();
});

const failing = () => fetch.mockRejectedValue(new JwksUnavailable('status 503'));

describe('RemoteKeys', () => {
  it('fetches once for five minutes', async () => {
    for (const wait of [0, MINUTE, 3 * MINUTE]) {
      vi.advanceTimersByTime(wait);
      expect(await keys.verify(AT, assertion)).toEqual({ kid: 'k', position: 0 });
    }
    expect(fetch).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2 * MINUTE);
    expect(await keys.verify(AT, assertion)).toEqual({ kid: 'k', position: 0 });
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('forgets a key that is published no more once the set is fetched anew', async () => {
    expect(await keys.verify(AT, assertion)).toEqual({ kid: 'k', position: 0 });
    fetch.mockResolvedValue({ keys: [] });
    vi.advanceTimersByTime(5 * MINUTE);
    expect(await keys.verify(AT, assertion)).toBe('unknown');
  });

  it('uses what it has while the address fails, for no more than an hour', async () => {
    expect(await keys.verify(AT, assertion)).toEqual({ kid: 'k', position: 0 });
    failing();
    vi.advanceTimersByTime(59 * MINUTE);
    expect(await keys.verify(AT, assertion)).toEqual({ kid: 'k', position: 0 });
    vi.advanceTimersByTime(MINUTE);
    expect(await keys.verify(AT, assertion)).toBe('unfetched');
    fetch.mockResolvedValue({ keys: [key] });
    vi.advanceTimersByTime(1000);
    expect(await keys.verify(AT, assertion)).toEqual({ kid: 'k', position: 0 });
  });

  it('fetches again for an unknown kid at most every ten seconds', async () => {
    for (let again = 0; again < 5; again++) expect(await keys.verify(AT, stranger)).toBe('unknown');
    expect(fetch).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(10_000);
    for (let again = 0; again < 5; again++) expect(await keys.verify(AT, stranger)).toBe('unknown');
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it('asks a failing address at most once a second, and says so each time', async () => {
    failing();
    for (let again = 0; again < 5; again++) expect(await keys.verify(AT, assertion)).toBe('unfetched');
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(warn).toHaveBeenCalledWith({ host: 'keys.example', reason: 'status 503' }, expect.any(String));
    vi.advanceTimersByTime(1000);
    await keys.verify(AT, assertion);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it('uses what it has while too many others are fetched, and says so where it has nothing', async () => {
    expect(await keys.verify(AT, assertion)).toEqual({ kid: 'k', position: 0 });
    fetch.mockRejectedValue(new TemporarilyUnavailable());
    vi.advanceTimersByTime(10 * MINUTE);
    expect(await keys.verify(AT, assertion)).toEqual({ kid: 'k', position: 0 });
    await expect(keys.verify(OTHER, assertion)).rejects.toBeInstanceOf(TemporarilyUnavailable);
  });

  it('passes the fetcher an address that failed last time', async () => {
    failing();
    await keys.verify(AT, assertion);
    vi.advanceTimersByTime(1000);
    fetch.mockResolvedValue({ keys: [key] });
    await keys.verify(AT, assertion);
    vi.advanceTimersByTime(5 * MINUTE);
    await keys.verify(AT, assertion);
    expect(fetch.mock.calls.map(([, doubted]) => doubted)).toEqual([false, true, false]);
  });

  it('keeps addresses apart', async () => {
    expect(await keys.verify(AT, assertion)).toEqual({ kid: 'k', position: 0 });
    fetch.mockResolvedValue({ keys: [] });
    expect(await keys.verify(OTHER, assertion)).toBe('unknown');
  });
});
