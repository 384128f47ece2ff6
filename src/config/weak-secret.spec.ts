import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { weaknessOf } from './weak-secret.js';

describe('weaknessOf', () => {
  it.each([
    'administrator',
    'password',
    'changeme',
    'Password1234!',
    'P4ssw0rd-1234',
    'admin123',
    'admin-2026',
    'aaaaaaaaaaaaaaaaaaaaaaaa',
    'abababababababab',
    '12345678',
    '1234567890123456',
    'qwertyuiop',
    'changemechangeme',
    'root-root-root-root',
    'housekeeper-2026',
    'housekeeperhousekeeper',
    'x7Kq9z!x7Kq9z!x7Kq9z!',
  ])('finds %s weak', (secret) => {
    expect(weaknessOf(secret, 'housekeeper')).toBeDefined();
  });

  it('takes what a generator of random values makes', () => {
    for (let count = 0; count < 500; count++) {
      for (const secret of [
        randomBytes(24).toString('hex'),
        randomBytes(12).toString('base64url'),
        randomBytes(24).toString('base64'),
      ]) {
        expect(weaknessOf(secret, 'root'), secret).toBeUndefined();
      }
    }
  });

  it.each(['correct horse battery staple', 'another secret', 'Tr0mbone&Kiosk', 'пароль из слов дома'])(
    'takes %s',
    (secret) => {
      expect(weaknessOf(secret, 'root')).toBeUndefined();
    },
  );

  it('never repeats the secret', () => {
    expect(weaknessOf('passwordpassword', 'root')).not.toContain('passw');
  });
});
