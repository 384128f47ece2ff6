// Prints what a token costs the server by how the client authenticates; needs a build (`npm run build`).
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { Latchkey } from './latchkey.mjs';
import { Failure, runProgram } from './program.mjs';

const ROUNDS = 9;
const REQUESTS = 1000;
const CONNECTIONS = 16;
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const TOKENS = { token_format: 'opaque' };

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'ES256', use: 'sig' };

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function signed(claims) {
  const text = `${encoded({ alg: 'ES256', kid: jwk.kid, typ: 'JWT' })}.${encoded(claims)}`;
  const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}

/** A platform that publishes the key, and counts the requests for it. */
async function startIssuer() {
  const server = createServer((request, response) => {
    issuer.requests++;
    const isMetadata = request.url === '/.well-known/openid-configuration';
    response.end(
      JSON.stringify(isMetadata ? { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` } : { keys: [jwk] }),
    );
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = { url: `http://127.0.0.1:${server.address().port}`, requests: 0, server };
  return issuer;
}

async function prepare(latchkey, issuer) {
  const client = { grant_types: ['client_credentials'], auth: { client_credentials: TOKENS } };
  await latchkey.admin('PUT', '/Client/signing', {
    ...client,
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [jwk] },
  });
  await latchkey.admin('PUT', '/TrustedIssuer/once', { issuer: issuer.url });
  await latchkey.admin('PUT', '/TrustedIssuer/reuse', {
    issuer: `${issuer.url}/reuse`,
    jwks: { keys: [jwk] },
    replay: 'reuse',
  });
  const federated = ['once', 'reuse'].map((id) => ({
    issuer: id,
    subject: 'repo:acme/*:ref:refs/heads/main',
    claims: { repository_owner_id: '65' },
  }));
  await latchkey.admin('PUT', '/Client/federated', { ...client, federated });
  await latchkey.admin('PATCH', '/TrustedIssuer/once', {
    admits: [{ subject: 'agent/*', template: 'federated' }],
  });
  await latchkey.admin('PATCH', '/AccessPolicy/library', {
    link: ['opaque', 'signing', 'federated'].map((id) => ({ resourceType: 'Client', id })),
  });
}

/** By name, how to make a request that no other request was. */
function kindsOf(latchkey, issuer) {
  const now = Math.floor(Date.now() / 1000);
  const times = { iat: now, exp: now + 3000, aud: `${latchkey.url.replace('127.0.0.1', 'localhost')}/` };
  const job = { ...times, sub: 'repo:acme/shop:ref:refs/heads/main', repository_owner_id: '65' };
  const asserted = (claims) => ({
    grant_type: 'client_credentials',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: signed(claims),
  });
  const own = { ...times, iss: 'signing', sub: 'signing', exp: now + 290 };
  const jti = () => randomUUID();
  const repeated = asserted({ ...job, iss: `${issuer.url}/reuse`, jti: jti() });
  return {
    'client secret': () => ({ grant_type: 'client_credentials' }),
    private_key_jwt: () => asserted({ ...own, jti: jti() }),
    'federated, once': () => asserted({ ...job, iss: issuer.url, jti: jti() }),
    'federated, reuse': () => repeated,
    workload: () => ({
      grant_type: GRANT,
      assertion: signed({ ...times, iss: issuer.url, sub: 'agent/7', jti: jti() }),
    }),
  };
}

async function send(latchkey, name, bodies) {
  const headers = name === 'client secret' ? { authorization: latchkey.authorization('opaque') } : {};
  const waiting = bodies.values();
  const ask = async () => {
    for (const body of waiting) {
      const answer = await fetch(`${latchkey.url}/auth/token`, { method: 'POST', headers, body });
      const text = await answer.text();
      if (answer.status !== 200) throw new Failure(`${name}: ${answer.status} ${text}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
}

/** CPU of the server for one request, in microseconds. */
async function costOf(latchkey, name, make, requests) {
  const bodies = Array.from(
    { length: requests },
    () => new URLSearchParams({ scope: 'library:read', audience: 'urn:bench', ...make() }),
  );
  const before = latchkey.cpuSeconds;
  await send(latchkey, name, bodies);
  return ((latchkey.cpuSeconds - before) * 1e6) / requests;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

await runProgram('latchkey-bench-', async (scratch) => {
  const issuer = await startIssuer();
  const latchkey = new Latchkey('latchkey', undefined, { LATCHKEY_PRIVATE_JWKS_URI: 'allow' });
  scratch.servers.add(latchkey);
  await latchkey.start();
  await latchkey.prepare();
  await latchkey.admin('PATCH', '/Resource/library', { audience: 'urn:bench' });
  await prepare(latchkey, issuer);
  const kinds = Object.entries(kindsOf(latchkey, issuer));
  const costs = new Map(kinds.map(([name]) => [name, []]));
  for (const [name, make] of kinds) await costOf(latchkey, name, make, 2 * REQUESTS);
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? kinds : kinds.toReversed();
    for (const [name, make] of order) costs.get(name).push(await costOf(latchkey, name, make, REQUESTS));
  }
  const signing = costs.get('private_key_jwt');
  for (const [name, own] of costs) {
    const ratio = median(own.map((cost, round) => cost / signing[round]));
    console.log(
      `${name.padEnd(18)} ${median(own).toFixed(0).padStart(5)} µs   ${ratio.toFixed(2)} of private_key_jwt`,
    );
  }
  console.log(
    `${issuer.requests} requests for keys in ${kinds.length * (ROUNDS + 2) * REQUESTS} requests for tokens`,
  );
  issuer.server.close();
});
