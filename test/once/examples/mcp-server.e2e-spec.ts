import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { debianProgram } from '../../support/debian-program.js';
import { aroundNginx, type Gateway, readdressed, runGateway } from '../../support/gateway.js';
import { bearer, get, json } from '../../support/http.js';
import { rememberSecret } from '../../support/leaks.js';
import { freePort } from '../../support/port.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';
import { type ExampleApi, startExample } from './example-process.js';

/** The part of the SDK's types that these tests use. */
interface Provider {
  tokens(): { access_token: string } | undefined;
}

interface McpClient {
  connect(transport: object): Promise<void>;
  callTool(call: object): Promise<{ content: unknown }>;
  listTools(): Promise<{ tools: { name: string }[] }>;
  close(): Promise<void>;
}

/** Loaded when this file runs, since nothing else needs the SDK. */
const sdk = (module: string) => import(/* @vite-ignore */ `@modelcontextprotocol/sdk/client/${module}.js`);

const { ClientCredentialsProvider, PrivateKeyJwtProvider } = await sdk('auth-extensions');
const { Client } = await sdk('index');
const { StreamableHTTPClientTransport } = await sdk('streamableHttp');

const root = fileURLToPath(new URL('../../../', import.meta.url));
const nginx = await debianProgram('nginx');
const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** The example as it is outside this clone: its own folder, with the built guard among its packages. */
function layOut(folder: string): void {
  cpSync(join(root, 'examples/mcp-server'), folder, { recursive: true });
  const guard = join(folder, 'node_modules/@latchkey/guard');
  mkdirSync(guard, { recursive: true });
  cpSync(join(root, 'packages/guard/package.json'), join(guard, 'package.json'));
  const tsc = join(root, 'node_modules/typescript7/bin/tsc');
  const project = join(root, 'packages/guard/tsconfig.build.json');
  execFileSync(process.execPath, [tsc, '-p', project, '--outDir', join(guard, 'dist')], { cwd: root });
  for (const name of ['jose', 'express', 'zod', '@modelcontextprotocol']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
}

describe.skipIf(!nginx)('The MCP server behind nginx, for the clients of the MCP SDK', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-mcp-'));
  let server: TestServer;
  let api: TestClient;
  let notes: { url: string; audience: string; stop: () => Promise<unknown> };

  /** The example, and nginx with the example's configuration in front of it. */
  async function serve(id: string) {
    const port = await freePort();
    const audience = `http://localhost:${port}/`;
    await aResource(server, id, ['read', 'write'], {
      audience,
      uri: audience,
      introspection_clients: [{ resourceType: 'Client', id: api.id }],
    });
    const mcp: ExampleApi = await startExample(join(folder, 'server.js'), {
      ISSUER: `${server.publicUrl}/`,
      AUDIENCE: audience,
      RESOURCE_METADATA: `http://localhost:${port}${WELL_KNOWN}`,
      CLIENT_ID: api.id,
      CLIENT_SECRET: api.secret,
    });
    const scratch = mkdtempSync(join(tmpdir(), 'latchkey-mcp-nginx-'));
    const text = readdressed(readFileSync(join(folder, 'nginx.conf'), 'utf8'), {
      '127.0.0.1:8080': `127.0.0.1:${server.port}`,
      '127.0.0.1:7004': `127.0.0.1:${new URL(mcp.url).port}`,
      '127.0.0.1:8001': `127.0.0.1:${port}`,
      'Resource/notes': `Resource/${id}`,
    });
    const file = join(scratch, 'nginx.conf');
    writeFileSync(file, aroundNginx(scratch, text));
    const gateway: Gateway = await runGateway(
      nginx as string,
      ['-p', scratch, '-c', file, '-e', 'stderr'],
      port,
      scratch,
    );
    return {
      url: `http://localhost:${port}`,
      audience,
      stop: () => Promise.all([mcp.stop(), gateway.stop()]),
    };
  }

  beforeAll(async () => {
    layOut(folder);
    server = await startServer();
    api = await aClient(server, 'mcp-server').register();
    notes = await serve('notes');
  });

  afterAll(async () => {
    await notes?.stop();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const reader = (...rules: string[]) => aClient(server).withGrant(...rules);

  const bySecret = (client: TestClient, expectedIssuer = `${server.publicUrl}/`): Provider =>
    new ClientCredentialsProvider({ clientId: client.id, clientSecret: client.secret, expectedIssuer });

  async function connected(url: string, authProvider: Provider): Promise<McpClient> {
    const client: McpClient = new Client({ name: 'test', version: '1.0.0' });
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { authProvider }));
    const token = authProvider.tokens()?.access_token;
    if (token) rememberSecret(token);
    return client;
  }

  const readNote = { name: 'read_note', arguments: { id: '1' } };
  const writeNote = { name: 'write_note', arguments: { id: '2', text: 'x' } };
  const PLANTS = [{ type: 'text', text: 'water the plants' }];

  async function reads(url: string, provider: Provider): Promise<string> {
    const client = await connected(url, provider);
    expect((await client.callTool(readNote)).content).toEqual(PLANTS);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['read_note', 'write_note']);
    await client.close();
    return provider.tokens()?.access_token as string;
  }

  it.each(['opaque', 'jwt'])('calls a tool with a client secret and an %s token', async (token_format) => {
    const client = await reader('notes:*:read').withTokens({ token_format }).register();
    const token = await reads(notes.url, bySecret(client));
    expect(token.split('.')).toHaveLength(token_format === 'jwt' ? 3 : 1);
  });

  it('calls a tool with private_key_jwt', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
    const client = await reader('notes:*:read')
      .with({ token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] } })
      .register();
    const provider = new PrivateKeyJwtProvider({
      clientId: client.id,
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      algorithm: 'ES256',
      expectedIssuer: `${server.publicUrl}/`,
    });
    expect(await reads(notes.url, provider)).toMatch(/^lka_/);
  });

  it.each([
    (url: string) => url,
    (url: string) => `${url.replace('localhost', 'LocalHost')}/`,
    (url: string) => url.replace('http://localhost', 'HTTP://LOCALHOST'),
  ])('gets a token for the registered audience, however the resource is spelled (%#)', async (spelled) => {
    const uri = spelled(notes.url);
    expect((await admin(server).patch('/Resource/notes', { uri })).status).toBe(200);
    const published = await get(notes.url + WELL_KNOWN);
    expect(published.body).toEqual({
      resource: uri,
      authorization_servers: [`${server.publicUrl}/`],
      bearer_methods_supported: ['header'],
    });
    const client = await reader('notes:*:read').withTokens({ token_format: 'jwt' }).register();
    expect(decodeJwt(await reads(uri, bySecret(client))).aud).toBe(notes.audience);
  });

  it('refuses a tool outside the grant with the missing scope', async () => {
    const client = await reader('notes:*:read').register();
    const provider = bySecret(client);
    const connection = await connected(notes.url, provider);
    await expect(connection.callTool(writeNote)).rejects.toMatchObject({ code: 403 });
    expect((await connection.callTool(readNote)).content).toEqual(PLANTS);
    await connection.close();
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: writeNote };
    const token = provider.tokens()?.access_token as string;
    for (const body of [call, [{ ...call, params: readNote }, call]]) {
      const refused = await json(notes.url, body, {
        ...bearer(token),
        accept: 'application/json, text/event-stream',
      });
      expect(refused.status).toBe(403);
      expect(refused.headers.get('www-authenticate')).toMatch(
        new RegExp(
          `error="insufficient_scope", .*notes:\\*:write.*resource_metadata="${notes.url}${WELL_KNOWN}", scope=".*notes:\\*:write"$`,
        ),
      );
    }
  });

  it('challenges a caller without a token with the metadata', async () => {
    const answer = await json(notes.url, { jsonrpc: '2.0', id: 1, method: 'tools/list' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="${notes.audience}", resource_metadata="${notes.url}${WELL_KNOWN}"`,
    );
  });

  it('is not opened by a token for another MCP server, of a client that may use both', async () => {
    const other = await serve('other');
    try {
      const client = await reader('notes:*:*', 'other:*:*').register();
      const token = await reads(notes.url, bySecret(client));
      const call = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
      const accept = { accept: 'application/json, text/event-stream' };
      expect((await json(notes.url, call, { ...bearer(token), ...accept })).status).toBe(200);
      const refused = await json(other.url, call, { ...bearer(token), ...accept });
      expect([refused.status, refused.body.error]).toEqual([401, 'invalid_token']);
    } finally {
      await other.stop();
    }
  });

  it('is refused at once when its session is closed', async () => {
    const client = await reader('notes:*:read').withTokens({ token_format: 'jwt' }).register();
    const token = await reads(notes.url, bySecret(client));
    const closed = await fetch(`${server.url}/Session`, { method: 'DELETE', headers: bearer(token) });
    expect(closed.status).toBe(204);
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: readNote };
    expect((await json(notes.url, call, bearer(token))).status).toBe(401);
  });

  it('gets no credentials of a client that expects another issuer', async () => {
    const client = await reader('notes:*:read').register();
    await expect(connected(notes.url, bySecret(client, 'https://login.example/'))).rejects.toThrow(
      /bound to authorization server/,
    );
  });
});
