import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAdministrator, folderOf, PROGRAM } from '../../support/command-line.js';
import { startServer, type TestServer } from '../../support/server.js';

const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url));
const GUIDES = readdirSync(DOCS).filter((name) => /^(coming-from-|smart-)/.test(name));

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterAll(() => server?.stop());

/** The files that a guide shows, each after its name. */
const filesIn = (guide: string) =>
  Object.fromEntries(
    [...guide.matchAll(/^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$/gms)].map(([, name, text]) => [name, text]),
  ) as Record<string, string>;

/** Its commands in their order, with the server of the test. */
const scriptOf = (guide: string) =>
  [...guide.matchAll(/^```sh\n(.*?)^```$/gms)]
    .map(([, block]) => (block as string).replaceAll('http://localhost:8080', server.url))
    .join('\n');

describe('The guide', () => {
  it.each(GUIDES)('docs/%s works as printed', (name) => {
    const guide = readFileSync(DOCS + name, 'utf8');
    const files = filesIn(guide);
    expect(Object.keys(files).length).toBeGreaterThan(0);
    const npx = `npx() { shift; '${process.execPath}' '${PROGRAM}' "$@"; }`;
    const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-ec', `${npx}\n${scriptOf(guide)}`], {
      cwd: folderOf(files),
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', HOME: folderOf({}), ...asAdministrator(server) },
    });
    expect([status, stderr], stdout).toEqual([0, '']);
    expect(stdout).toMatch(/"access_token":/);
  });
});
