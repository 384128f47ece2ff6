import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTH0 } from '../../support/dialects.js';
import { bearer, get } from '../../support/http.js';
import { aClient, aResource, type TestClient } from '../../support/registration.js';
import { startServer, type TestServer } from '../../support/server.js';
import { type ExampleApi, startExample } from './example-process.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

let folder: string;
let server: TestServer;
let api: ExampleApi;

/** The example as it is outside this clone: its own folder, with the built guard among its packages. */
function layOut(): void {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-library-'));
  cpSync(join(root, 'examples/library-api'), folder, { recursive: true });
  const guard = join(folder, 'node_modules/@latchkey/guard');
  mkdirSync(guard, { recursive: true });
  cpSync(join(root, 'packages/guard/package.json'), join(guard, 'package.json'));
  const tsc = join(root, 'node_modules/typescript7/bin/tsc');
  const project = join(root, 'packages/guard/tsconfig.build.json');
  execFileSync(process.execPath, [tsc, '-p', project, '--outDir', join(guard, 'dist')], { cwd: root });
  for (const name of ['jose', 'express']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }
}

beforeAll(async () => {
  layOut();
  server = await startServer();
  await aResource(server, 'book', ['read', 'write'], { audience: 'urn:library' });
  api = await startExample(join(folder, 'server.js'), { ISSUER: `${server.publicUrl}/` });
});

afterAll(async () => {
  await api?.stop();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const tokenFor = async (client: TestClient, scope: string) =>
  client.token(AUTH0, { audience: 'urn:library', scope });

const statusOf = async (path: string, token: string) => (await get(api.url + path, bearer(token))).status;

describe('The library API with @latchkey/guard', () => {
  it('opens a book to a token for that book, for every book, and for every operation', async () => {
    const client = await aClient(server).withGrant('book:*:*').register();
    for (const scope of ['book:1:read', 'book:read', 'book:*', 'book']) {
      const { status, body } = await get(`${api.url}/books/1`, bearer(await tokenFor(client, scope)));
      expect([status, body]).toEqual([200, { id: '1', title: 'The Trial', reader: client.id }]);
    }
  });

  it('keeps the list and other books from a token for one book', async () => {
    const client = await aClient(server).withGrant('book:1:read').register();
    const token = await tokenFor(client, 'book:1:read');
    expect(await statusOf('/books/1', token)).toBe(200);
    expect(await statusOf('/books', token)).toBe(403);
    const { status, body, headers } = await get(`${api.url}/books/2`, bearer(token));
    expect([status, body.error]).toEqual([403, 'insufficient_scope']);
    expect(headers.get('www-authenticate')).toContain('scope="book:2:read"');
  });

  it('asks for a token', async () => {
    const { status, headers } = await get(`${api.url}/books`);
    expect([status, headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Bearer/)]);
  });
});
