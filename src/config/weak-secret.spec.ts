import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { doubtAbout, weaknessOf } from './weak-secret.js';

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
    'sunshine',
    'Football',
    'princess',
    'trustno1',
    '1q2w3e4r',
    '1qaz2wsx',
    'abcd1234',
    'qwertz123',
    'placeholder',
    'changethis',
    'replace-me',
    'change_me_please',
    'adminpassword',
    'your-secret',
    'verysecret',
    'sunshine-4711',
    'rootpassword12345',
    'ROOTPASSWORD-12345',
    'r00tp4$$w0rd12345',
    'adminpassword-adminsecret',
    'housekeeper-secret-2026',
    'Football2026',
  ])('rejects %s', (secret) => {
    expect(weaknessOf(secret, 'housekeeper')).toBeDefined();
  });

  it('accepts what a generator of random values makes', () => {
    for (let count = 0; count < 500; count++) {
      for (const secret of [
        randomBytes(24).toString('hex'),
        randomBytes(12).toString('base64url'),
        randomBytes(24).toString('base64'),
      ]) {
        expect(weaknessOf(secret, 'root'), secret).toBeUndefined();
        expect(doubtAbout(secret), secret).toBeUndefined();
      }
    }
  });

  it.each([
    'correct horse battery staple',
    'another secret',
    'Tr0mbone&Kiosk',
    'my-own-secret',
    'Zq7-longAdminSecret',
    'root-x7Kq9zWw4m1d',
    '730591846205718394627150',
    'пароль из слов дома',
  ])('accepts %s', (secret) => {
    expect(weaknessOf(secret, 'root')).toBeUndefined();
  });

  it('never repeats the secret, and is quick with the longest', () => {
    const started = performance.now();
    expect(weaknessOf('passwordpassword', 'root')).not.toContain('passw');
    weaknessOf(`${'password1qaz'.repeat(21)}\u4e2d`, 'root');
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('doubtAbout', () => {
  it('warns of fewer than 16 characters', () => {
    expect(doubtAbout('short-x7Kq9z!ab')).toMatch(/; use a random value$/);
    expect(doubtAbout('short-x7Kq9z!abc')).toBeUndefined();
  });
});
