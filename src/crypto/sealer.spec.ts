import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MasterKeys } from './master-keys.js';
import { CannotUnseal, Sealer } from './sealer.js';

const sealerWith = (...keys: Buffer[]) => new Sealer(new MasterKeys(keys));

const sealer = sealerWith(randomBytes(32));
const plain = Buffer.from('a private key');

describe('Sealer', () => {
  it.each([plain, Buffer.alloc(0), randomBytes(4096)])('opens what it has sealed (%#)', (value) => {
    expect(sealer.unseal('signing key a', sealer.seal('signing key a', value))).toEqual(value);
  });

  it('names its version and the master key, and reveals neither key (S05, ASVS 11.2.2)', () => {
    const key = randomBytes(32);
    const sealed = sealerWith(key).seal('pepper 1', plain);
    expect(sealed).toMatch(/^v1\.[A-Za-z0-9_-]{8}\.[A-Za-z0-9_-]+$/);
    const body = Buffer.from(sealed.split('.')[2]!, 'base64url');
    expect(body.includes(plain)).toBe(false);
    expect(body.includes(key)).toBe(false);
  });

  it('seals a value differently each time (S04, ASVS 11.3.4)', () => {
    expect(new Set(Array.from({ length: 100 }, () => sealer.seal('pepper 1', plain))).size).toBe(100);
  });

  it('rejects a row that was moved to another place (S04, ASVS 11.3.2)', () => {
    const sealed = sealer.seal('signing key a', plain);
    expect(() => sealer.unseal('signing key b', sealed)).toThrow(
      new CannotUnseal('signing key b: the sealed row was changed or damaged; restore it from a backup'),
    );
  });

  it('names the setting when another master key has sealed the row', () => {
    const sealed = sealerWith(randomBytes(32)).seal('pepper 1', plain);
    expect(() => sealer.unseal('pepper 1', sealed)).toThrow(
      new CannotUnseal(
        'LATCHKEY_MASTER_KEY: this is not the master key of this database: pepper 1 was sealed with another master key',
      ),
    );
  });

  it('opens with any of its keys and seals with the first, or like another value', () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)];
    const sealed = sealerWith(older).seal('pepper 1', plain);
    const both = sealerWith(newer, older);
    expect(both.unseal('pepper 1', sealed)).toEqual(plain);
    expect(sealerWith(newer).unseal('pepper 1', both.seal('pepper 1', plain))).toEqual(plain);
    expect(sealerWith(older).unseal('pepper 1', both.sealLike(sealed, 'pepper 1', plain))).toEqual(plain);
  });

  it('rereads the keys for one added since', () => {
    const [older, newer] = [randomBytes(32), randomBytes(32)];
    let looks = 0;
    const keys = new MasterKeys([older], () => {
      looks++;
      return [newer];
    });
    const sealed = sealerWith(newer).seal('pepper 1', plain);
    expect(new Sealer(keys).unseal('pepper 1', sealed)).toEqual(plain);
    expect(new Sealer(keys).unseal('pepper 1', sealerWith(older).seal('pepper 1', plain))).toEqual(plain);
    expect(looks).toBe(1);
  });

  it('rejects a row with any character or bit changed', () => {
    const row = sealer.seal('pepper 1', plain);
    for (let position = 0; position < row.length; position++) {
      for (const bit of [1, 2, 4, 8, 16, 32]) {
        const changed = String.fromCharCode(row.charCodeAt(position) ^ bit);
        const other = row.slice(0, position) + changed + row.slice(position + 1);
        expect(() => sealer.unseal('pepper 1', other), other).toThrow(CannotUnseal);
      }
    }
  });

  it('rejects a row with any byte changed (S04, ASVS 11.3.2)', () => {
    const [version, keyId, body] = sealer.seal('pepper 1', plain).split('.') as [string, string, string];
    const bytes = Buffer.from(body, 'base64url');
    for (let position = 0; position < bytes.length; position++) {
      const changed = Buffer.from(bytes);
      changed[position] = bytes[position]! ^ 1;
      const row = [version, keyId, changed.toString('base64url')].join('.');
      expect(() => sealer.unseal('pepper 1', row)).toThrow(CannotUnseal);
    }
  });

  it('rejects a row that is truncated, empty or of another version', () => {
    const sealed = sealer.seal('pepper 1', plain);
    const keyId = sealed.split('.')[1];
    for (const row of ['', 'v1', `v1.${keyId}`, `v1.${keyId}.`, `v1.${keyId}.AAAA`, sealed.slice(0, -8)]) {
      expect(() => sealer.unseal('pepper 1', row)).toThrow(CannotUnseal);
    }
    expect(() => sealer.unseal('pepper 1', sealed.replace('v1', 'v2'))).toThrow(CannotUnseal);
  });
});
