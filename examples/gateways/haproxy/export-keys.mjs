// Writes Latchkey's RS256 public keys where haproxy-jwt.cfg reads them:
//   node export-keys.mjs https://latchkey.example.com /etc/haproxy
// Ends with 0 when the files are new or changed (reload HAProxy then) and with 3 when they were right already.
import { createPublicKey } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const UNCHANGED = 3;

const [address, folder = '.'] = process.argv.slice(2);
if (!address) throw new Error('usage: node export-keys.mjs <address of Latchkey> [folder]');

const answer = await fetch(new URL('/.well-known/jwks.json', address), { redirect: 'error' });
if (!answer.ok) throw new Error(`the JWK Set was answered with ${answer.status}`);
const { keys } = await answer.json();
const pems = keys
  .filter(({ kty, alg }) => kty === 'RSA' && alg === 'RS256')
  .map((jwk) => createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
if (pems.length === 0) throw new Error('the JWK Set holds no RS256 key');

// The current key comes first. HAProxy wants both files: until a first rotation they are the same key.
const [current, previous = current, ...older] = pems;
if (older.length > 0)
  console.error(`Left out: ${older.length} older keys. Tokens that they signed are refused.`);
const changed = [
  ['latchkey-current.pem', current],
  ['latchkey-previous.pem', previous],
].filter(([name, pem]) => replace(join(folder, name), pem));
process.exitCode = changed.length > 0 ? 0 : UNCHANGED;

/** Whole or not at all: a reload never meets half a key. */
function replace(file, pem) {
  if (existsSync(file) && readFileSync(file, 'utf8') === pem) return false;
  writeFileSync(`${file}.new`, pem, { mode: 0o644 });
  renameSync(`${file}.new`, file);
  return true;
}
