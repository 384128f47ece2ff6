import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (file: string) => readFileSync(root + file, 'utf8');

const inFolders = ['docs', 'packages', 'examples'].flatMap((folder) =>
  readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
);
const documents = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md', ...inFolders].filter(
  (file) => file.endsWith('.md') && !file.includes('node_modules'),
);

/** The anchors of a document's headings, as GitHub and GitLab make them. */
const anchorsOf = (file: string) =>
  [...text(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    (heading as string)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

/** Targets of relative links that do not exist, as `target in document`. */
function brokenLinksOf(file: string): string[] {
  const targets = [...text(file).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target as string);
  const broken = targets.filter((target) => {
    if (/^[a-z]+:/.test(target)) return false;
    const [path, anchor] = target.split('#') as [string, string?];
    const destination = path === '' ? file : join(dirname(file), path);
    if (!existsSync(root + destination)) return true;
    return anchor !== undefined && !anchorsOf(destination).includes(anchor);
  });
  return broken.map((target) => `${target} in ${file}`);
}

const repositoryPaths = (markdown: string) =>
  [...markdown.matchAll(/`((?:src|test|scripts|migrations|docs)\/[\w./-]+)`/g)].map(
    ([, path]) => path as string,
  );

describe('The documents', () => {
  it('contain no conflict marker of a merge', () => {
    const marked = documents.filter((file) => /^(?:<{7}|={7}|>{7})(?: |$)/m.test(text(file)));
    expect(marked).toEqual([]);
  });

  it('link only to files and headings that exist', () => {
    expect(documents.flatMap(brokenLinksOf)).toEqual([]);
  });

  it('walk a token request in at most twelve stations, each of which is a file', () => {
    const [, section] = /^## A token request\n(.+?)^## /ms.exec(text('docs/architecture.md')) as string[];
    const stations = (section as string)
      .split('\n')
      .flatMap((line) => (/^\d+\. /.test(line) ? [repositoryPaths(line)[0]] : []));
    expect(stations.length).toBeGreaterThan(5);
    expect(stations.length).toBeLessThanOrEqual(12);
    expect(stations.filter((path) => path === undefined || !existsSync(root + path))).toEqual([]);
  });

  it('name only source files that exist in docs/architecture.md', () => {
    const sources = readdirSync(`${root}src`, { recursive: true, encoding: 'utf8' }).map(
      (file) => `/${file}`,
    );
    const named = [...text('docs/architecture.md').matchAll(/`(?:src\/)?([\w./-]+\.ts)`/g)];
    const paths = named.map(([, path]) => `/${path}`);
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.filter((path) => !sources.some((source) => source.endsWith(path)))).toEqual([]);
  });

  it('name only files that exist in CONTRIBUTING.md, apart from the first test of its reader', () => {
    const contributing = text('CONTRIBUTING.md');
    const imported = [...contributing.matchAll(/from '\.\.\/(support\/\w+)\.js'/g)].map(
      ([, module]) => `test/${module}.ts`,
    );
    const named = [...repositoryPaths(contributing), ...imported];
    const missing = named.filter((path) => !existsSync(root + path));
    expect(missing.filter((path) => !path.endsWith('/first.e2e-spec.ts'))).toEqual([]);
  });
});
