import { describe, expect, it } from 'vitest';
import { readSettings } from './environment.js';

const PORT = { LATCHKEY_METRICS_PORT: '9464' };
const ALL_ADDRESSES = { ...PORT, LATCHKEY_METRICS_HOST: '0.0.0.0' };

describe('The settings of metrics', () => {
  it('enable nothing unless a port is set', () => {
    expect(readSettings({}).metrics).toBeUndefined();
    expect(readSettings(PORT).metrics).toEqual({ port: 9464, host: '127.0.0.1', token: undefined });
  });

  it.each(['127.0.0.1', '127.9.9.9', '::1', 'localhost'])('require no token on %s', (host) => {
    expect(readSettings({ ...PORT, LATCHKEY_METRICS_HOST: host }).metrics?.host).toBe(host);
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'metrics.internal', '127.example'])(
    'require a token on %s',
    (host) => {
      expect(() => readSettings({ ...PORT, LATCHKEY_METRICS_HOST: host })).toThrow(
        'LATCHKEY_METRICS_TOKEN: is required because LATCHKEY_METRICS_HOST is not a loopback address',
      );
    },
  );

  it.each([
    [{ LATCHKEY_METRICS_HOST: '::1' }, 'LATCHKEY_METRICS_HOST: requires LATCHKEY_METRICS_PORT'],
    [{ LATCHKEY_METRICS_TOKEN: 'x'.repeat(16) }, 'LATCHKEY_METRICS_TOKEN: requires LATCHKEY_METRICS_PORT'],
    [{ LATCHKEY_METRICS_PORT: '8080' }, 'LATCHKEY_METRICS_PORT: must differ from PORT'],
    [{ LATCHKEY_METRICS_PORT: '70000' }, 'LATCHKEY_METRICS_PORT: must be a whole number from 1 to 65535'],
    [{ ...ALL_ADDRESSES, LATCHKEY_METRICS_TOKEN: 'x'.repeat(15) }, 'must be 16 to 255 characters'],
    [{ ...ALL_ADDRESSES, LATCHKEY_METRICS_TOKEN: 'x'.repeat(256) }, 'must be 16 to 255 characters'],
    [{ ...ALL_ADDRESSES, LATCHKEY_METRICS_TOKEN: 'with spaces in its text' }, 'must consist of A-Z a-z 0-9'],
  ])('reject %j', (env, message) => {
    expect(() => readSettings(env)).toThrow(message);
  });
});
