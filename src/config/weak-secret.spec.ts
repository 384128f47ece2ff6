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
        expect(doubtAbout(secret, 'root'), secret).toBeUndefined();
      }
    }
  });

  it.each([
    'adminpassword',
    'your-secret',
    'verysecret',
    'sunshine-4711',
    'rootpassword12345',
    'Football2026',
  ])('still takes %s, which is only warned of', (secret) => {
    expect(weaknessOf(secret, 'root')).toBeUndefined();
    expect(doubtAbout(secret, 'root')).toBeDefined();
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

describe('doubtAbout', () => {
  it.each([
    'rootpassword12345',
    'ROOTPASSWORD-12345',
    'r00tp4$$w0rd12345',
    'adminpassword-adminsecret',
    'changethis-please-2026',
    'your-secret-is-here-1',
    'verysecretsecret-verysecret1',
    'sunshine-sunshine-2026',
    '1qaz2wsx3edc4rfv!',
    'zaq12wsxcde34rfv',
    'qwertyuiop123456',
    'asdfghjkl-zxcvbnm',
    'housekeeper-secret-2026',
    'mysupersecretkey!',
    'correct horse battery staple',
    'P\u00e4ssw\u00f6rd-Password-1',
    '\uff50\uff41\uff53\uff53word-admin-2026',
    'aaaabbbbccccdddd1',
    'short-x7Kq9z!',
  ])('warns of %s', (secret) => {
    expect(doubtAbout(secret, 'housekeeper')).toMatch(/; use a random value$/);
  });

  it.each(['Zq7-longAdminSecret', 'Tr0mbone&Kiosk-Feder', '730591846205718394627150', 'root-x7Kq9zWw4m1d'])(
    'does not warn of %s',
    (secret) => {
      expect(doubtAbout(secret, 'root')).toBeUndefined();
    },
  );

  it('never repeats the secret, and is quick with the longest', () => {
    const started = performance.now();
    expect(doubtAbout('passwordpassword-x7Kq9z', 'root') ?? '').not.toContain('passw');
    doubtAbout(`${'password1qaz'.repeat(21)}\u4e2d`, 'root');
    expect(performance.now() - started).toBeLessThan(500);
  });
});
