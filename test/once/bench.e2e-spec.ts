import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { form } from '../support/http.js';

const folder = fileURLToPath(new URL('../../bench/', import.meta.url));
/** These start at once when they are loaded. */
const PROGRAMS = ['run', 'scale', 'assertions', 'decision', 'floor-server', 'peer-server', 'signing-limit'];
const modules = readdirSync(folder).filter(
  (file) => file.endsWith('.mjs') && !PROGRAMS.includes(file.slice(0, -'.mjs'.length)),
);

describe('Bench', () => {
  it.each(modules)('%s finds everything that it reads from the server', async (file) => {
    await expect(import(`${folder}${file}`)).resolves.toBeDefined();
  });
});

/** How the program ends; nothing is loaded and no database is started before it does. */
const ended = (program: string, ...args: string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [`${folder}${program}.mjs`, ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

describe('Bench programs exit with 2 on invalid arguments', () => {
  it.each([
    ['run', '--rounds', '1.5', '--rounds must be a whole number above 0'],
    ['run', '--connections', '0', '--connections must be a whole number above 0'],
    ['run', '--seconds', '0.5', '--seconds must be a whole number above 0'],
    ['run', '--seconds', 'x', '--seconds must be a whole number above 0'],
    ['scale', '--sessions', '1.5', '--sessions must be a whole number above 0'],
    ['scale', '--part', 'x', '--part is one of speed, lists, sweep, closing, memory'],
    ['scale', '--engine', 'x', '--engine is one of sqlite, mariadb'],
  ])('reports for %s %s %s the reason and the usage', async (program, option, value, why) => {
    const { code, stdout, stderr } = await ended(program, option, value);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n\n')).toEqual([
      why,
      expect.stringMatching(/^npm run bench/),
      expect.stringContaining('docs/performance.md'),
    ]);
  });

  it('rejects --only with an unknown point or server on one line', async () => {
    expect(await ended('run', '--only', 'nothing')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'No point and server holds nothing\n',
    });
  });
});

describe('Bench floor', () => {
  let floor: any;

  beforeAll(async () => {
    const { Floor } = await import(`${folder}floor.mjs`);
    floor = new Floor('floor');
    await floor.start();
  });

  afterAll(() => floor.remove());

  const ask = ({ url, authorization, body }: any, parameters?: Record<string, string>) =>
    form(url, parameters ?? Object.fromEntries(new URLSearchParams(body)), { authorization });

  it.each(['opaque', 'jwt-es256', 'jwt-rs256'])('%s: issues, introspects and revokes', async (kind) => {
    const { access_token: token } = (await ask(floor.tokenRequest(kind))).body;
    const tell = () => ask(floor.introspectionRequest(kind), { token });
    expect((await tell()).body).toMatchObject({ active: true, client_id: kind });
    expect((await ask(floor.revocationRequest(kind), { token })).status).toBe(200);
    expect((await tell()).body).toEqual({ active: false });
  });
});
