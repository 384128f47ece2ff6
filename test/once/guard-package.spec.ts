import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const MAX_BYTES = 60_000;

/** An API that imports every entry and answers one request: what it writes is what the test compares. */
const API = `
import { createServer } from 'node:http';
import { createGuard } from '@latchkey/guard';
import { expressGuard } from '@latchkey/guard/express';
import { fastifyGuard } from '@latchkey/guard/fastify';
import { nestGuard } from '@latchkey/guard/nest';
const guard = createGuard({ issuer: 'https://login.example/', audience: 'urn:library' });
fastifyGuard(guard).requireScope('book:read');
nestGuard(guard, Error).requireScope('book:read');
const middleware = expressGuard(guard).requireScope('book:1:read');
const api = createServer((request, response) => middleware(request, response, () => response.end('in')));
api.listen(0, '127.0.0.1', async () => {
  const answer = await fetch('http://127.0.0.1:' + api.address().port);
  const holds = guard.holds(['book:*'], 'book:1:read');
  console.log(JSON.stringify({ status: answer.status, ...(await answer.json()), holds }));
  api.close();
});
`;

let folder: string;
let packed: string;

/** Packed as npm would publish it, and laid out as npm would install it, beside jose and nothing else. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-guard-'));
  const shell = process.platform === 'win32';
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: join(root, 'packages', 'guard'),
    stdio: 'pipe',
    shell,
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) as string;
  packed = join(folder, 'node_modules', '@latchkey', 'guard');
  mkdirSync(packed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', packed, '--strip-components=1']);
  symlinkSync(join(root, 'node_modules', 'jose'), join(folder, 'node_modules', 'jose'));
});

afterAll(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const filesOf = () =>
  readdirSync(packed, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(packed, name)).isFile(),
  );

describe('Guard package', () => {
  it('contains the built files, below 60 kB, and neither sources nor tests', () => {
    const built = filesOf().filter((name) => name.startsWith('dist'));
    expect(built.reduce((sum, name) => sum + statSync(join(packed, name)).size, 0)).toBeLessThan(MAX_BYTES);
    expect(built.filter((name) => !/\.(js|d\.ts)$/.test(name) || name.includes('.spec.'))).toEqual([]);
    const others = filesOf().filter((name) => !name.startsWith('dist'));
    expect(others.sort()).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  it('depends on jose only', () => {
    const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(packed, 'package.json'), 'utf8'));
    expect(Object.keys(dependencies)).toEqual(['jose']);
    expect(peerDependencies).toBeUndefined();
  });

  it('works in a separate directory: every entry point exists, and a request is answered', () => {
    writeFileSync(join(folder, 'api.mjs'), API);
    const output = execFileSync(process.execPath, ['api.mjs'], { cwd: folder, encoding: 'utf8' });
    expect(JSON.parse(output)).toEqual({
      status: 401,
      error: 'invalid_request',
      error_description: 'an access token is required',
      holds: true,
    });
  });
});
