import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../config/environment.js';
import { MasterKey } from './master-key.js';
import { CannotUnseal, Sealer } from './sealer.js';

const sealerWith = (key: Buffer) =>
  new Sealer(new MasterKey(readSettings({ LATCHKEY_MASTER_KEY: key.toString('base64') })));

const sealer = sealerWith(randomBytes(32));
const plain = Buffer.from('a private key');

describe('Sealer', () => {
  it.each([plain, Buffer.alloc(0), randomBytes(4096)])('opens what it has sealed (%#)', (value) => {
    expect(sealer.unseal('signing key a', sealer.seal('signing key a', value))).toEqual(value);
  });

  it('names its version and the master key, and shows nothing of either key', () => {
    const key = randomBytes(32);
    const sealed = sealerWith(key).seal('pepper 1', plain);
    expect(sealed).toMatch(/^v1\.[A-Za-z0-9_-]{8}\.[A-Za-z0-9_-]+$/);
    const body = Buffer.from(sealed.split('.')[2]!, 'base64url');
    expect(body.includes(plain)).toBe(false);
    expect(body.includes(key)).toBe(false);
  });

  it('seals one value differently each time', () => {
    expect(new Set(Array.from({ length: 100 }, () => sealer.seal('pepper 1', plain))).size).toBe(100);
  });

  it('refuses a row that was put in another place', () => {
    const sealed = sealer.seal('signing key a', plain);
    expect(() => sealer.unseal('signing key b', sealed)).toThrow(
      new CannotUnseal('signing key b: the sealed row was changed or damaged'),
    );
  });

  it('names the setting when another master key has sealed the row', () => {
    const sealed = sealerWith(randomBytes(32)).seal('pepper 1', plain);
    expect(() => sealer.unseal('pepper 1', sealed)).toThrow(
      new CannotUnseal('LATCHKEY_MASTER_KEY: pepper 1 was sealed with another master key'),
    );
  });

  it('refuses a row with any byte changed', () => {
    const [version, keyId, body] = sealer.seal('pepper 1', plain).split('.') as [string, string, string];
    const bytes = Buffer.from(body, 'base64url');
    for (let position = 0; position < bytes.length; position++) {
      const changed = Buffer.from(bytes);
      changed[position] = bytes[position]! ^ 1;
      const row = [version, keyId, changed.toString('base64url')].join('.');
      expect(() => sealer.unseal('pepper 1', row)).toThrow(CannotUnseal);
    }
  });

  it('refuses a row that is cut short, empty or of another version', () => {
    const sealed = sealer.seal('pepper 1', plain);
    const keyId = sealed.split('.')[1];
    for (const row of ['', 'v1', `v1.${keyId}`, `v1.${keyId}.`, `v1.${keyId}.AAAA`, sealed.slice(0, -8)]) {
      expect(() => sealer.unseal('pepper 1', row)).toThrow(CannotUnseal);
    }
    expect(() => sealer.unseal('pepper 1', sealed.replace('v1', 'v2'))).toThrow(CannotUnseal);
  });
});
