import { hash } from '@node-rs/bcrypt';
import { describe, expect, it } from 'vitest';
import { importedHashFault, isImportedHash, matchesImported } from './imported-hash.js';

/** Published vectors: of crypt_blowfish, and of RFC 7914 11 in Hydra's form. */
const BCRYPT = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
const PBKDF2 = `$pbkdf2-sha256$i=80000,l=64$TmFDbA$${Buffer.from(
  '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d',
  'hex',
)
  .toString('base64')
  .replace(/=+$/, '')}`;

const pbkdf2 = (iterations: number, digest = 'sha256', keyBytes = 32, salt = 'c2FsdHNhbHQ') =>
  `$pbkdf2-${digest}$i=${iterations},l=${keyBytes}$${salt}$${Buffer.alloc(32).toString('base64').slice(0, 43)}`;

describe('matchesImported', () => {
  it.each([
    ['U*U', BCRYPT],
    ['U*U', BCRYPT.replace('$2a$', '$2b$')],
    ['U*U', BCRYPT.replace('$2a$', '$2y$')],
    ['Password', PBKDF2],
  ])('accepts %s for %s, and nothing else', async (secret, hash) => {
    expect(await matchesImported(hash, secret)).toBe(true);
    for (const other of [`${secret}x`, secret.slice(1), '', secret.toLowerCase(), `${secret}\0${secret}`]) {
      expect(await matchesImported(hash, other), other).toBe(false);
    }
  });

  it.each([
    ['bcrypt', () => hash('another secret', 10)],
    ['PBKDF2', async () => pbkdf2(400_000)],
  ])('runs %s outside the event loop', async (_, make) => {
    const stored = await make();
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    await matchesImported(stored, 'wrong secret');
    clearInterval(counting);
    expect(turns).toBeGreaterThan(5);
  });
});

describe('importedHashFault', () => {
  it.each([
    BCRYPT,
    BCRYPT.replace('$05$', '$12$'),
    pbkdf2(25_000),
    pbkdf2(250_000, 'sha512'),
    pbkdf2(600_000),
  ])('accepts %s', (hash) => {
    expect([importedHashFault(hash), isImportedHash(hash)]).toEqual([undefined, true]);
  });

  it.each([
    ['', 'must be a bcrypt hash'],
    ['secret', 'must be a bcrypt hash'],
    ['$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA', 'must be a bcrypt hash'],
    [BCRYPT.replace('$2a$', '$2x$'), 'must be a bcrypt hash'],
    [BCRYPT.slice(0, -1), 'must be a bcrypt hash'],
    [`${BCRYPT}\n`, 'must be a bcrypt hash'],
    [BCRYPT.replace('$05$', '$13$'), 'bcrypt cost from 4 to 12'],
    [BCRYPT.replace('$05$', '$99$'), 'bcrypt cost from 4 to 12'],
    [BCRYPT.replace('$05$', '$03$'), 'bcrypt cost from 4 to 12'],
    [pbkdf2(600_001), '1000 to 600000 iterations'],
    [pbkdf2(250_001, 'sha512'), '1000 to 250000 iterations'],
    [pbkdf2(999), '1000 to 600000 iterations'],
    [pbkdf2(10_000, 'sha1'), 'must be a bcrypt hash'],
    [pbkdf2(10_000, 'sha256', 64), 'as l says'],
    [pbkdf2(10_000, 'sha256', 32, 'c2FsdA'), 'a salt of 8 to 64 bytes'],
  ])('rejects %s: %s', (hash, message) => {
    expect(importedHashFault(hash)).toContain(message);
  });
});
