import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { V8_FLAGS } from '../scripts/v8-flags.mjs';
import { interrupted } from './program.mjs';
import { freePort, ServerProcess } from './server-process.mjs';

const ADMIN_SECRET = randomBytes(24).toString('base64url');
const FORM = 'application/x-www-form-urlencoded';

export const SCOPE = 'library:read library:write library:admin library:list';

export const basic = (id, secret) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

/** The built server on a scratch directory or database, with one client for each kind of token. */
export class Latchkey {
  constructor(name, databaseUrl, env = {}) {
    interrupted.throwIfAborted();
    this.name = name;
    this.databaseUrl = databaseUrl;
    this.folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
    this.env = {
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      LATCHKEY_DATA_DIR: this.folder,
      LATCHKEY_MASTER_KEY: randomBytes(32).toString('base64'),
      LATCHKEY_ADMIN_CLIENT_SECRET: ADMIN_SECRET,
      LATCHKEY_LOG_LEVEL: 'warn',
      ...env,
    };
    this.secrets = new Map();
  }

  get file() {
    return join(this.folder, 'latchkey.sqlite');
  }

  async start(nodeArgs = []) {
    this.port ??= await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    const env = { ...this.env, PORT: String(this.port) };
    const began = performance.now();
    this.process = new ServerProcess(this.name, [...V8_FLAGS, ...nodeArgs, 'dist/server/main.js'], env);
    await this.process.untilAnswers(`${this.url}/health/ready`);
    this.startMilliseconds = performance.now() - began;
  }

  get cpuSeconds() {
    return this.process.cpuSeconds;
  }

  get residentBytes() {
    return this.process.residentBytes;
  }

  /** A resource and one client for each kind of token, created through the administration API. */
  async prepare() {
    const operations = ['read', 'write', 'admin', 'list'].map((name) => ({ name }));
    await this.admin('PUT', '/Resource/library', { operations });
    const kinds = {
      'jwt-es256': { token_format: 'jwt', signing_alg: 'ES256' },
      'jwt-rs256': { token_format: 'jwt', signing_alg: 'RS256' },
      opaque: { token_format: 'opaque' },
    };
    for (const [id, tokens] of Object.entries(kinds)) {
      const client = { id, grant_types: ['client_credentials'], auth: { client_credentials: tokens } };
      const { secret } = await this.admin('POST', '/Client', client);
      this.secrets.set(id, secret);
    }
    await this.admin('PUT', '/AccessPolicy/library', {
      engine: 'rules',
      link: Object.keys(kinds).map((id) => ({ resourceType: 'Client', id })),
      rules: [{ effect: 'allow', resource: 'library', identifier: '*', operations: ['*'] }],
    });
  }

  async admin(method, path, body) {
    const answer = await fetch(this.url + path, {
      method,
      headers: { authorization: basic('root', ADMIN_SECRET), 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  authorization(client) {
    return basic(client, this.secrets.get(client));
  }

  tokenRequest(kind) {
    const body = `grant_type=client_credentials&scope=${encodeURIComponent(SCOPE)}`;
    return { url: `${this.url}/auth/token`, type: FORM, authorization: this.authorization(kind), body };
  }

  introspectionRequest(kind) {
    return { url: `${this.url}/auth/introspect`, type: FORM, authorization: this.authorization(kind) };
  }

  verifyRequest() {
    return { url: `${this.url}/auth/verify?scope=library:read`, method: 'GET' };
  }

  revocationRequest(kind) {
    return { url: `${this.url}/auth/revoke`, type: FORM, authorization: this.authorization(kind) };
  }

  async stop() {
    await this.process?.stop();
  }

  async remove() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
