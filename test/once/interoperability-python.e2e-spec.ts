import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCertificate } from '../support/certificate.js';
import { rememberSecret } from '../support/leaks.js';
import { LIBRARY } from '../support/library.js';
import { freePort } from '../support/port.js';
import { aClient, aResource } from '../support/registration.js';
import { startServer, type TestServer } from '../support/server.js';

const CYCLES = [
  ['requests-oauthlib', 'requests_oauthlib', 'requests_oauthlib_cycle.py'],
  ['Authlib', 'authlib', 'authlib_cycle.py'],
] as const;
/** The distribution's interpreter first: it is the one that sees the distribution's packages. */
const INTERPRETERS = ['/usr/bin/python3', 'python3'];

function interpreterWith(module: string): string | undefined {
  return INTERPRETERS.find((program) => {
    try {
      execFileSync(program, ['-c', `import ${module}`], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

const onCi = () => !['', '0', 'false'].includes(process.env.CI ?? '');

let folder: string;
let server: TestServer;
let credentials: [id: string, secret: string];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-python-'));
  const { cert, key } = await aCertificate();
  writeFileSync(join(folder, 'cert.pem'), cert);
  writeFileSync(join(folder, 'key.pem'), key);
  const port = await freePort();
  server = await startServer({
    env: { PORT: String(port), LATCHKEY_PUBLIC_URL: `http://localhost:${port}` },
  });
  await aResource(server, 'book', ['read'], { audience: LIBRARY });
  const client = await aClient(server)
    .withTokens({ token_format: 'jwt', refresh_token: true })
    .withGrant('book:*:read')
    .register();
  credentials = [client.id, client.secret];
  rememberSecret(client.secret);
  // Registered over plain HTTP; the clients see it over HTTPS, which they insist on.
  await server.restart({
    LATCHKEY_TLS_CERT: join(folder, 'cert.pem'),
    LATCHKEY_TLS_KEY: join(folder, 'key.pem'),
    LATCHKEY_PUBLIC_URL: `https://localhost:${port}`,
  });
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(
  program: string,
  script: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const file = fileURLToPath(new URL(`../support/python/${script}`, import.meta.url));
  const child = spawn(program, [file, `${server.publicUrl}/`, LIBRARY], {
    env: { PATH: process.env.PATH, REQUESTS_CA_BUNDLE: join(folder, 'cert.pem') },
  });
  child.stdin.end(JSON.stringify(credentials));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe.each(CYCLES)('%s, over HTTPS', (_name, module, script) => {
  const program = interpreterWith(module);

  // CI never skips: without the package the test fails there.
  it.skipIf(!program && !onCi())('discovers, gets, introspects, refreshes and revokes tokens', async () => {
    if (!program) throw new Error(`No Python interpreter has the package ${module}.`);
    expect(await run(program, script)).toEqual({ code: 0, stdout: 'done\n', stderr: '' });
  });
});
