import { describe, expect, it } from 'vitest';
import { EVENT_TYPES } from '../protocol/event-type.js';
import { readSettings, unknownSettings } from './environment.js';

const bytes = (length: number) => `whsec_${Buffer.alloc(length, 7).toString('base64')}`;
const URL = { LATCHKEY_WEBHOOK_URL: 'https://events.example/latchkey' };
const SECRET = { LATCHKEY_WEBHOOK_SECRET: bytes(32) };
const ALLOWED = { LATCHKEY_PRIVATE_WEBHOOK_URL: 'allow' };

describe('The settings of webhooks', () => {
  it('enable nothing unless a URL is set', () => {
    expect(readSettings({}).webhook).toBeUndefined();
    expect(readSettings({}).auditLog).toBe(false);
  });

  it('choose every type of events by default', () => {
    expect(readSettings({ ...URL, ...SECRET }).webhook).toEqual({
      url: 'https://events.example/latchkey',
      secrets: [bytes(32)],
      events: EVENT_TYPES,
      allowPrivate: false,
    });
  });

  it('take two secrets and a list of types', () => {
    const env = {
      ...URL,
      LATCHKEY_WEBHOOK_SECRET: `${bytes(24)}, ${bytes(64)}`,
      LATCHKEY_WEBHOOK_EVENTS: 'quota.reached, secret.expiring',
    };
    expect(readSettings(env).webhook).toMatchObject({
      secrets: [bytes(24), bytes(64)],
      events: ['secret.expiring', 'quota.reached'],
    });
  });

  it.each(['http://events.example/', 'http://127.0.0.1:9000/', 'https://[::1]/', 'https://10.0.0.1/'])(
    'take %s only with LATCHKEY_PRIVATE_WEBHOOK_URL=allow',
    (url) => {
      const env = { LATCHKEY_WEBHOOK_URL: url, ...SECRET };
      expect(() => readSettings(env)).toThrow(
        /LATCHKEY_WEBHOOK_URL: must.*LATCHKEY_PRIVATE_WEBHOOK_URL=allow/,
      );
      expect(readSettings({ ...env, ...ALLOWED }).webhook?.url).toBe(url);
    },
  );

  it.each([
    [{ ...SECRET }, 'LATCHKEY_WEBHOOK_SECRET: requires LATCHKEY_WEBHOOK_URL'],
    [{ LATCHKEY_WEBHOOK_EVENTS: 'quota.reached' }, 'LATCHKEY_WEBHOOK_EVENTS: requires LATCHKEY_WEBHOOK_URL'],
    [{ ...URL }, 'LATCHKEY_WEBHOOK_SECRET: is required with LATCHKEY_WEBHOOK_URL'],
    [{ ...URL, LATCHKEY_WEBHOOK_SECRET: bytes(23) }, 'must be whsec_ and 24 to 64 random bytes in Base64'],
    [{ ...URL, LATCHKEY_WEBHOOK_SECRET: bytes(65) }, 'must be whsec_ and 24 to 64 random bytes in Base64'],
    [{ ...URL, LATCHKEY_WEBHOOK_SECRET: bytes(32).slice(6) }, 'must be whsec_ and 24 to 64 random bytes'],
    [{ ...URL, LATCHKEY_WEBHOOK_SECRET: `${bytes(32)}!` }, 'must be whsec_ and 24 to 64 random bytes'],
    [{ ...URL, LATCHKEY_WEBHOOK_SECRET: Array(3).fill(bytes(32)).join(',') }, 'must be at most 2 secrets'],
    [
      { ...URL, ...SECRET, LATCHKEY_WEBHOOK_EVENTS: 'quota.reached,secret' },
      'must be a list of secret.expiring,',
    ],
    [
      { ...SECRET, LATCHKEY_WEBHOOK_URL: 'events.example' },
      'must be an absolute URL of at most 2048 characters',
    ],
    [{ ...SECRET, LATCHKEY_WEBHOOK_URL: 'ftp://events.example' }, 'must be an absolute URL'],
    [{ ...SECRET, LATCHKEY_WEBHOOK_URL: 'https://user:password@events.example' }, 'must not contain user'],
    [{ ...SECRET, LATCHKEY_WEBHOOK_URL: 'https://events.example/#part' }, 'must not contain user'],
    [{ LATCHKEY_AUDIT_LOG: 'stdout' }, 'LATCHKEY_AUDIT_LOG: must be one of on, off'],
  ])('reject %j', (env, message) => {
    expect(() => readSettings(env)).toThrow(message);
  });
});

const NAMES = [
  ['LATCHKEY_UNUSED_CLIENT_DAYS', 'unusedClientDays', 90, 3650],
  ['LATCHKEY_REFUSAL_SPIKE_COUNT', 'refusalSpikeCount', 100, 1_000_000],
  ['LATCHKEY_REFUSAL_SPIKE_RATIO', 'refusalSpikeRatio', 5, 1000],
] as const;

describe.each(NAMES)('The setting %s', (name, member, otherwise, max) => {
  it(`is ${otherwise} unless it is set, and at most ${max}`, () => {
    expect(readSettings({}).watch[member]).toBe(otherwise);
    for (const value of [1, max]) expect(readSettings({ [name]: String(value) }).watch[member]).toBe(value);
    expect(unknownSettings({ [name]: '1' })).toEqual([]);
  });

  it.each(['0', String(max + 1), '-1', '1.5', '1e2', 'never', '0x10'])('rejects %s', (value) => {
    expect(() => readSettings({ [name]: value })).toThrow(`${name}: must be a whole number from 1 to ${max}`);
  });
});
