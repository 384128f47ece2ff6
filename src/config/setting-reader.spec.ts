import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSettings, unknownSettings } from './environment.js';
import { SECRET_SETTINGS, settingReader } from './setting-reader.js';

let folder: string;
const fileOf = (text: string | Buffer): string => {
  const file = join(folder, `${Math.random()}`);
  writeFileSync(file, text);
  return file;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('A setting', () => {
  it.each(['\n', '\r\n', '\n\n', '\t', '\u0085', '\u2028'])(
    'loses the control characters at its end: %j (fault C4)',
    (end) => {
      expect(settingReader({ A: `value${end}` })('A')).toBe('value');
      expect(settingReader({ A: end })('A')).toBeUndefined();
      expect(readSettings({ DATABASE_URL: `sqlite:/x${end}` }).database).toEqual({
        engine: 'sqlite',
        file: '/x',
      });
    },
  );

  it.each([
    ['PORT', '80\n80'],
    ['HOST', '\n127.0.0.1'],
    ['DATABASE_URL', 'sqlite:/a\nb'],
    ['LATCHKEY_DATA_DIR', '/a\tb'],
    ['LATCHKEY_ADMIN_CLIENT_SECRET', 'Tr0ub4dor\n&3-and-more'],
    ['LATCHKEY_TLS_CERT', '/a\u0000.pem'],
    ['LATCHKEY_PUBLIC_URL', '\uFEFFhttps://a.example'],
  ])('is refused by name where %s contains a control character elsewhere (fault C4)', (name, value) => {
    expect(() => readSettings({ [name]: value })).toThrow(
      `${name}: contains a control character, such as a line break; remove it`,
    );
  });
});

describe('A secret setting', () => {
  it.each(SECRET_SETTINGS)('%s is read from a file as well, trimmed (fault C4)', (name) => {
    const read = (text: string | Buffer) => settingReader({ [`${name}_FILE`]: `${fileOf(text)}\n` })(name);
    expect(read('a value\n')).toBe('a value');
    expect(read('\uFEFFa value\r\n')).toBe('a value');
    expect(() => read('two\nlines')).toThrow(`${name}_FILE: contains a control character`);
    expect(() => read('\n')).toThrow(/_FILE: .* is empty$/);
    expect(() => read(Buffer.from([0xff, 0xfe, 0x61]))).toThrow(`${name}_FILE: must name a UTF-8 text file`);
    expect(() => read('x'.repeat(70_000))).toThrow(/is larger than 65536 bytes$/);
  });

  it.each(SECRET_SETTINGS)('%s is refused where both are set or the file is missing (fault C4)', (name) => {
    const both = { [name]: 'x', [`${name}_FILE`]: fileOf('x') };
    expect(() => settingReader(both)(name)).toThrow(`${name}_FILE: cannot be combined with ${name}`);
    const missing = { [`${name}_FILE`]: join(folder, 'absent') };
    expect(() => settingReader(missing)(name)).toThrow(/^\w+_FILE: .*absent: no such file/);
    expect(() => settingReader({ [`${name}_FILE`]: folder })(name)).toThrow(/^\w+_FILE: .*is a directory/);
    expect(unknownSettings(missing)).toEqual([]);
  });

  it.each(SECRET_SETTINGS.flatMap((name) => [name, `${name}_FILE`]))(
    '%s is refused where it is set but empty (fault C4)',
    (name) => {
      for (const empty of ['', '\n', '\r\n']) {
        expect(() => settingReader({ [name]: empty })(name.replace(/_FILE$/, ''))).toThrow(
          `${name}: is empty: give it a value or unset it`,
        );
      }
    },
  );

  it('is refused where the file holds what the setting does not accept (fault C4)', () => {
    const env = { LATCHKEY_ADMIN_CLIENT_SECRET_FILE: fileOf('short\n') };
    expect(() => readSettings(env)).toThrow(/^LATCHKEY_ADMIN_CLIENT_SECRET: must be 8 to 255 characters/);
  });
});
