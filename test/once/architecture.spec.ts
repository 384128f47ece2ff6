import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const generated = new Set(['node_modules', 'dist', 'data']);

function filesUnder(folder: string): string[] {
  if (!existsSync(root + folder)) return [];
  return readdirSync(root + folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return generated.has(entry.name) ? [] : filesUnder(path);
  });
}

const text = (file: string) => readFileSync(root + file, 'utf8');
const sources = filesUnder('src').filter((file) => file.endsWith('.ts'));
const written = ['src', 'test', 'scripts', 'migrations', 'examples'].flatMap(filesUnder);
const holding = (files: string[], words: RegExp) => files.filter((file) => words.test(text(file)));

describe('The architecture', () => {
  it('wires modules without forwardRef', () => {
    expect(holding(sources, /\bforwardRef\b/)).toEqual([]);
  });

  it('has no global modules', () => {
    expect(holding(sources, /@Global\s*\(/)).toEqual([]);
  });

  it('reads the environment in src/config only', () => {
    const others = sources.filter((file) => !file.startsWith('src/config/'));
    expect(holding(others, /\bprocess\s*(\.|\[\s*['"])\s*env\b|\benv\b[^;]*from 'node:process'/)).toEqual([]);
  });

  it('has no barrel files in src', () => {
    expect(sources.filter((file) => /^index\.[cm]?ts$/.test(basename(file)))).toEqual([]);
  });

  it('keeps every file within 300 lines', () => {
    const code = written.filter((file) => /\.(ts|mts|cts|js|mjs|cjs)$/.test(file));
    expect(code.filter((file) => text(file).trimEnd().split('\n').length > 300)).toEqual([]);
  });

  it('names no file or folder utils, helpers, common, shared, misc, manager or data', () => {
    const word = /(^|[-._])(utils?|helpers?|common|shared|misc|managers?)([-._]|$)|^data(\.|$)/i;
    expect(written.filter((file) => file.split('/').some((part) => word.test(part)))).toEqual([]);
  });

  it('keeps controllers in src/http', () => {
    const domain = sources.filter((file) => !file.startsWith('src/http/'));
    expect(domain.filter((file) => file.includes('.controller.'))).toEqual([]);
    expect(holding(domain, /@Controller\s*\(/)).toEqual([]);
  });
});
