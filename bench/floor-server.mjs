// The floor: bare Fastify around the same core as the server's, and nothing else. Started by floor.mjs.
import { createHmac, generateKeyPairSync, hash, randomBytes, sign } from 'node:crypto';
import { parse } from 'node:querystring';
import Fastify from 'fastify';
import { uuidv7 } from 'uuidv7';
import { makeHandle, readHandle } from '../dist/src/crypto/handle.js';
import { migrate } from '../dist/src/database/database.module.js';
import { MysqlWriter } from '../dist/src/database/mysql-writer.js';
import { MysqlReader, SqliteReader } from '../dist/src/database/row-reader.js';
import { SqliteWriter } from '../dist/src/database/sqlite-writer.js';
import { CLOSED_BY_CLIENT, SESSION_TABLE } from '../dist/src/sessions/session-row.js';

const [port, folder, databaseUrl] = process.argv.slice(2);
const file = `${folder}/latchkey.sqlite`;
const database = databaseUrl ? { engine: 'mysql', url: databaseUrl } : { engine: 'sqlite', file };
await migrate({ database, dataDir: folder });
const writer = databaseUrl ? new MysqlWriter(databaseUrl) : new SqliteWriter(file);
const reader = databaseUrl ? new MysqlReader(databaseUrl) : new SqliteReader(file);

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
const encode = (value) => Buffer.from(value).toString('base64url');

const keys = {
  'jwt-es256': {
    key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    dsaEncoding: 'ieee-p1363',
    header: encode('{"alg":"ES256","typ":"at+jwt","kid":"floor"}'),
  },
  'jwt-rs256': {
    key: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
    header: encode('{"alg":"RS256","typ":"at+jwt","kid":"floor"}'),
  },
};

const SESSION = {
  select: 'SELECT id, client_id, scope, token_digest, started_at, ends_at, closed_at FROM session',
  by: 'id',
  column: 'id',
};

const cacheKey = randomBytes(32);
const verified = new Map();

/** Who it is, by a keyed hash of the whole header; the first time it is read. */
function clientOf(authorization) {
  const digest = createHmac('sha256', cacheKey).update(authorization).digest('base64url');
  let client = verified.get(digest);
  if (client === undefined) {
    client = Buffer.from(authorization.slice(6), 'base64').toString().split(':')[0];
    verified.set(digest, client);
  }
  return client;
}

function signed(kind, claims) {
  const { header, ...key } = keys[kind];
  const input = `${header}.${encode(claims)}`;
  const data = Buffer.from(input);
  if (kind === 'jwt-es256') return `${input}.${sign('sha256', data, key).toString('base64url')}`;
  return new Promise((resolve, reject) => {
    sign('sha256', data, key, (error, signature) =>
      error ? reject(error) : resolve(`${input}.${signature.toString('base64url')}`),
    );
  });
}

async function issue(request, reply) {
  const client = clientOf(request.headers.authorization);
  const { scope } = request.body;
  const id = uuidv7();
  const now = Date.now();
  const iat = Math.floor(now / 1000);
  const claims = `{"iss":"http://localhost/","sub":"${client}","aud":"http://localhost/","client_id":"${client}","scope":"${scope}","iat":${iat},"exp":${iat + 3600},"jti":"${id}"}`;
  const token = keys[client] ? await signed(client, claims) : makeHandle('accessToken', id);
  const digest = hash('sha256', token, 'base64url');
  const row = [
    ...[
      id,
      client,
      'client_credentials',
      'native',
      'http://localhost/',
      client,
      scope,
      '["http://localhost/"]',
    ],
    ...[0, keys[client] ? 'jwt' : 'opaque', null, digest, now, (iat + 3600) * 1000, null, null, null, null],
  ];
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
  const row = await reader.find(SESSION, idOf(token));
  const live = row && row.token_digest === hash('sha256', token, 'base64url') && row.closed_at === null;
  reply
    .headers(HEADERS)
    .send(
      live
        ? `{"active":true,"scope":"${row.scope}","client_id":"${row.client_id}","sub":"${row.client_id}","aud":"http://localhost/","iss":"http://localhost/","iat":${Math.floor(Number(row.started_at) / 1000)},"exp":${Math.floor(Number(row.ends_at) / 1000)},"jti":"${row.id}","token_type":"Bearer"}`
        : '{"active":false}',
    );
}

async function revoke(request, reply) {
  const client = clientOf(request.headers.authorization);
  const { token } = request.body;
  const digest = hash('sha256', token, 'base64url');
  await writer.write({ mark: CLOSED_BY_CLIENT, value: Date.now(), keys: [idOf(token), client, digest] });
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
