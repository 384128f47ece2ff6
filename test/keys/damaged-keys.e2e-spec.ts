import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch } from '../support/launch.js';
import { newMasterKey } from '../support/master-key.js';
import { openRows, type Rows } from '../support/rows.js';
import { startServer, type TestServer } from '../support/server.js';

const flipped = (text: string, position: number) => {
  const other = text[position] === 'A' ? 'B' : 'A';
  return text.slice(0, position) + other + text.slice(position + 1);
};

describe('A start on keys that are damaged or sealed by another', { timeout: 60_000 }, () => {
  let server: TestServer;
  let rows: Rows;

  beforeAll(async () => {
    server = await startServer();
    await server.kill();
    rows = await openRows(server);
  });
  afterAll(async () => {
    await rows?.close();
    await server?.stop();
  });

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
  });
});
