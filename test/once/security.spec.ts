import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = readFileSync(`${root}SECURITY.md`, 'utf8');
const rows = text
  .slice(text.indexOf('## Threats'))
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\|(-|\s*threat\s*\|)/.test(line))
  .map((line) => line.split('|').slice(1, -1));

describe('SECURITY.md', () => {
  it('names for each threat the countermeasure and its test', () => {
    expect(rows.length).toBeGreaterThan(40);
    for (const row of rows) {
      expect(row, row[0]).toHaveLength(3);
      expect(row[2], row[0]).toMatch(/`[^`]+[.-]spec\.ts`/);
    }
  });

  it('names only existing tests', () => {
    const named = rows.flatMap((row) =>
      [...(row[2] as string).matchAll(/`([^`]+)`/g)].map(([, path]) => path),
    );
    expect(named.filter((path) => !existsSync(root + path))).toEqual([]);
  });
});
