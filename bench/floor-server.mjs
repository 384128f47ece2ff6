// The floor: bare Fastify around the server's core operations, and nothing else. Started by floor.mjs.
import { generateKeyPairSync, hash, randomBytes } from 'node:crypto';
import { parse } from 'node:querystring';
import Fastify from 'fastify';
import { uuidv7 } from 'uuidv7';
import { readDatabaseUrl } from '../dist/src/config/database-url.js';
import { makeHandle, readHandle } from '../dist/src/crypto/handle.js';
import { migrate } from '../dist/src/database/database.module.js';
import { loadEngine } from '../dist/src/database/engines.js';
import { SigningKey } from '../dist/src/keys/signing-key.js';
import { PRESENTED_LOOKUP, presentedSessionOf } from '../dist/src/sessions/presented-session.js';
import { closingNote } from '../dist/src/sessions/session-notes.js';
import { CLOSED_BY_CLIENT, rowOf, SESSION_TABLE } from '../dist/src/sessions/session-row.js';

const [port, folder, databaseUrl] = process.argv.slice(2);
const file = `${folder}/latchkey.sqlite`;
const database = readDatabaseUrl(databaseUrl ?? `sqlite:${file}`, folder);
await migrate({ database, dataDir: folder });
const engine = await loadEngine(database);
const writer = engine.openWriter();
const reader = engine.openReader();

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
const keys = {
  'jwt-es256': new SigningKey(
    'floor',
    'ES256',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  ),
  'jwt-rs256': new SigningKey(
    'floor',
    'RS256',
    generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ),
};

const cacheKey = randomBytes(32).toString('base64url');
const verified = new Map();

/** The client, cached by a keyed hash of the whole header; the header is parsed on a miss. */
function clientOf(authorization) {
  const digest = hash('sha3-256', cacheKey + authorization, 'base64url');
  let client = verified.get(digest);
  if (client === undefined) {
    client = Buffer.from(authorization.slice(6), 'base64').toString().split(':')[0];
    verified.set(digest, client);
  }
  return client;
}

async function issue(request, reply) {
  const client = clientOf(request.headers.authorization);
  const { scope } = request.body;
  const id = uuidv7();
  const now = Date.now();
  const iat = Math.floor(now / 1000);
  const claims = `{"iss":"http://localhost/","sub":"${client}","aud":"http://localhost/","client_id":"${client}","scope":"${scope}","iat":${iat},"exp":${iat + 3600},"jti":"${id}"}`;
  const token = keys[client] ? await keys[client].signJwt('at+jwt', claims) : makeHandle('accessToken', id);
  const digest = hash('sha256', token, 'base64url');
  const row = rowOf({
    ...{ id, kid: null, tokenDigest: digest, startedAt: now, endsAt: (iat + 3600) * 1000 },
    ...{ familyId: null, familyEndsAt: null, refreshedFrom: null, refreshDigest: null, refreshEndsAt: null },
    ...{ generation: null, federated: null, address: '127.0.0.1', userAgent: '' },
    terms: {
      ...{ clientId: client, type: 'client_credentials', dialect: 'native', issuer: 'http://localhost/' },
      ...{ subject: client, scope, audience: '["http://localhost/"]', audienceAsked: false },
      tokenFormat: keys[client] ? 'jwt' : 'opaque',
    },
  });
  await writer.write({ into: SESSION_TABLE, row });
  reply
    .headers(HEADERS)
    .send(`{"access_token":"${token}","token_type":"Bearer","expires_in":3600,"scope":"${scope}"}`);
}

const idOf = (token) =>
  readHandle('accessToken', token) ??
  JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()).jti;

async function introspect(request, reply) {
  clientOf(request.headers.authorization);
  const { token } = request.body;
  const row = await reader.find(PRESENTED_LOOKUP, idOf(token));
  const session = row && presentedSessionOf(row, Date.now());
  // No client is registered here, so this column is NULL for an open session and 0 for a closed one.
  const isOpen = row?.at(-2) === null;
  const isProved = session?.tokenDigest === hash('sha256', token, 'base64url');
  reply
    .headers(HEADERS)
    .send(isOpen && isProved && session.endsAt > Date.now() ? answerOf(session) : '{"active":false}');
}

const answerOf = ({ id, clientId, text, startedAt, endsAt }) =>
  `{"active":true,"scope":"${text.scope}","client_id":"${clientId}","sub":"${clientId}","aud":"http://localhost/","iss":"http://localhost/","iat":${Math.floor(startedAt / 1000)},"exp":${Math.floor(endsAt / 1000)},"jti":"${id}","token_type":"Bearer"}`;

async function revoke(request, reply) {
  const client = clientOf(request.headers.authorization);
  const { token } = request.body;
  const digest = hash('sha256', token, 'base64url');
  const id = idOf(token);
  const at = Date.now();
  const closing = { reason: 'revoked', agent: { clientId: client, address: request.ip } };
  const note = closingNote({ id, clientId: client }, at, closing);
  await writer.write({ mark: CLOSED_BY_CLIENT, value: at, keys: [id, client, digest], note });
  reply.headers(HEADERS).send('{}');
}

const fastify = Fastify();
fastify.removeAllContentTypeParsers();
fastify.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, parse(body)));
fastify.post('/auth/token', issue);
fastify.post('/auth/introspect', introspect);
fastify.post('/auth/revoke', revoke);
fastify.get('/health/ready', async () => ({}));
await fastify.listen({ port: Number(port), host: '127.0.0.1' });
