import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../../support/admin.js';
import { NATIVE } from '../../support/dialects.js';
import { basic, form } from '../../support/http.js';
import { launch } from '../../support/launch.js';
import { newMasterKey } from '../../support/master-key.js';
import { openRows, type Rows } from '../../support/rows.js';
import { startServer, type TestServer } from '../../support/server.js';

const flipped = (text: string, position: number) => {
  const other = text[position] === 'A' ? 'B' : 'A';
  return text.slice(0, position) + other + text.slice(position + 1);
};

describe('A start on keys that are damaged or sealed by another', { timeout: 60_000 }, () => {
  let server: TestServer;
  let rows: Rows;
  let made: { authorization: string };

  beforeAll(async () => {
    server = await startServer();
    // A secret that the server makes needs the pepper.
    const { body } = await admin(server).post('/Client', { grant_types: ['client_credentials'] });
    made = basic(body.id, body.secret);
    expect(await ask()).toBe(200);
    await server.kill();
    rows = await openRows(server);
  });
  afterAll(async () => {
    await rows?.close();
    await server?.stop();
  });

  const ask = async () =>
    (await form(server.url + NATIVE.token, { grant_type: 'client_credentials' }, made)).status;

  async function failedStart(env: Record<string, string> = {}): Promise<string> {
    const settings = { ...server.env, LATCHKEY_LOG_LEVEL: 'silent', ...env };
    const started = launch(JSON.parse(JSON.stringify(settings)));
    expect(await started.exited).toEqual({ code: 1, signal: null });
    expect(started.stdout()).toBe('');
    return started.stderr();
  }

  const count = async (table: string) => (await rows.all(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n;

  const places: [table: string, column: string, change: (text: string) => string][] = [
    ['signing_key', 'sealed_private_key', (text) => flipped(text, 60)],
    ['signing_key', 'sealed_private_key', (text) => flipped(text, text.length - 1)],
    ['signing_key', 'sealed_private_key', (text) => flipped(text, 1)],
    ['signing_key', 'sealed_private_key', (text) => flipped(text, 5)],
    ['signing_key', 'sealed_private_key', () => ''],
    ['signing_key', 'alg', () => 'PS256'],
    ['signing_key', 'public_jwk', (text) => flipped(text, text.indexOf('"n":"') + 20)],
    ['signing_key', 'public_jwk', (text) => flipped(text, text.indexOf('"x5c":["') + 400)],
    ['signing_key', 'public_jwk', (text) => text.slice(1)],
    ['signing_key', 'public_jwk', () => 'null'],
    ['signing_key', 'public_jwk', (text) => text.replace('"use":"sig"', '"use":"enc","d":"x"')],
    ['signing_key', 'public_jwk', (text) => text.replace('"use":"sig"', '"use":"sig","key_ops":["verify"]')],
    ['signing_key', 'public_jwk', (text) => text.replace('"x5c":["', '"x5c":["AAAA","')],
    ['signing_key', 'public_jwk', (text) => text.replace(/("x5c":\["[^"]+")/, '$1,"AAAA"')],
    ['signing_key', 'public_jwk', (text) => flipped(text, text.indexOf('"x5t":"') + 9)],
    ['signing_key', 'public_jwk', (text) => flipped(text, text.indexOf('"x5t#S256":"') + 14)],
    ['pepper', 'sealed', (text) => flipped(text, 40)],
    ['pepper', 'sealed', (text) => text.slice(0, -4)],
  ];

  it.each(places)(
    'stops with one line when %s.%s is changed (%#), and makes no other key',
    async (table, column, change) => {
      const before = String((await rows.all(`SELECT ${column} AS v FROM ${table}`))[0]?.v);
      await rows.all(`UPDATE ${table} SET ${column} = ?`, [change(before)]);
      try {
        expect(await failedStart()).toMatch(/^Latchkey cannot start: .*(pepper|signing.key).*\n$/);
      } finally {
        await rows.all(`UPDATE ${table} SET ${column} = ?`, [before]);
      }
      expect(Number(await count(table))).toBe(1);
    },
  );

  it.each(['signing_key', 'pepper'])(
    'stops with one line when all of %s is gone that something was made with, and makes no other',
    async (table) => {
      const [row = {}] = await rows.all(`SELECT * FROM ${table}`);
      await rows.all(`DELETE FROM ${table}`);
      try {
        expect(await failedStart()).toMatch(new RegExp(`^Latchkey cannot start: ${table}: .*restore.*\\n$`));
        expect(Number(await count(table))).toBe(0);
      } finally {
        const names = Object.keys(row);
        const places = names.map(() => '?').join(', ');
        const values = names.map((name) => row[name] as string | number | null);
        await rows.all(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${places})`, values);
      }
    },
  );

  it('stops with one line that names LATCHKEY_MASTER_KEY when it is another one', async () => {
    const other = newMasterKey();
    const line = await failedStart({ LATCHKEY_MASTER_KEY: other });
    expect(line).toMatch(
      /^Latchkey cannot start: LATCHKEY_MASTER_KEY: .+ was sealed with another master key\n$/,
    );
    expect(line).not.toContain(other);
    expect(Number(await count('pepper'))).toBe(1);
  });

  it('starts again when all is as it was', async () => {
    await server.restart();
    expect(await ask()).toBe(200);
  });
});
