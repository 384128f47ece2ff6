import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { form } from '../support/http.js';

const folder = fileURLToPath(new URL('../../bench/', import.meta.url));
/** These start at once when they are loaded. */
const PROGRAMS = ['run', 'scale', 'decision', 'floor-server', 'peer-server', 'signing-limit'];
const modules = readdirSync(folder).filter(
  (file) => file.endsWith('.mjs') && !PROGRAMS.includes(file.slice(0, -'.mjs'.length)),
);

describe('The bench', () => {
  it.each(modules)('%s finds everything that it takes from the server', async (file) => {
    await expect(import(`${folder}${file}`)).resolves.toBeDefined();
  });
});

describe('The floor of the bench does what the server does', () => {
  let floor: any;

  beforeAll(async () => {
    const { Floor } = await import(`${folder}floor.mjs`);
    floor = new Floor('floor');
    await floor.start();
  });

  afterAll(() => floor.remove());

  const ask = ({ url, authorization, body }: any, parameters?: Record<string, string>) =>
    form(url, parameters ?? Object.fromEntries(new URLSearchParams(body)), { authorization });

  it.each(['opaque', 'jwt-es256', 'jwt-rs256'])('%s: issues, tells, revokes', async (kind) => {
    const { access_token: token } = (await ask(floor.tokenRequest(kind))).body;
    const tell = () => ask(floor.introspectionRequest(kind), { token });
    expect((await tell()).body).toMatchObject({ active: true, client_id: kind });
    expect((await ask(floor.revocationRequest(kind), { token })).status).toBe(200);
    expect((await tell()).body).toEqual({ active: false });
  });
});
