// Prints how many whole JWTs crypto.sign alone makes per second on one core: the upper bound for every server.
import { constants, generateKeyPairSync, sign } from 'node:crypto';

const MILLISECONDS = Number(process.argv[2] ?? 1000);
const CLAIMS = JSON.stringify({
  iss: 'http://localhost/',
  sub: 'jwt',
  aud: 'http://localhost/',
  client_id: 'jwt',
  scope: 'library:read library:write library:admin library:list',
  iat: 1_763_700_000,
  exp: 1_763_703_600,
  jti: '019aa0b0-0000-7000-8000-000000000000',
});

const KEYS = {
  ES256: {
    key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    dsaEncoding: 'ieee-p1363',
  },
  RS256: {
    key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    padding: constants.RSA_PKCS1_PADDING,
  },
};

function perSecond(key) {
  const header = Buffer.from('{"alg":"ES256","typ":"at+jwt","kid":"floor"}').toString('base64url');
  const began = performance.now();
  let made = 0;
  while (performance.now() - began < MILLISECONDS) {
    const input = `${header}.${Buffer.from(CLAIMS).toString('base64url')}`;
    sign('sha256', Buffer.from(input), key).toString('base64url');
    made++;
  }
  return (made * 1000) / (performance.now() - began);
}

const limits = {};
for (const [alg, key] of Object.entries(KEYS)) limits[alg] = perSecond(key);
console.log(JSON.stringify(limits));
