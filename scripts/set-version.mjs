import { readFileSync, writeFileSync } from 'node:fs';

/*
 * npm run release -- VERSION: gives every place that names the version the next one, and the unreleased changes in
 * CHANGELOG.md its heading. Works in the current folder.
 */

const VERSION = /^\d+\.\d+\.\d+$/;
const WORKSPACES = ['packages/cli', 'packages/guard'];

/** Files besides package-lock.json and CHANGELOG.md, and what each contains of a version. */
export const PLACES = [
  ...['.', ...WORKSPACES].map((folder) => [`${folder}/package.json`, (v) => `\n  "version": "${v}",\n`]),
  ...['mcp-server', 'library-api'].map((name) => [
    `examples/${name}/package.json`,
    (v) => `"@latchkey/guard": "^${v}"`,
  ]),
  ['docs/openapi.yaml', (v) => `\n  version: ${v}\n`],
  ['Dockerfile', (v) => `ARG VERSION=${v} `],
  ['packages/cli/README.md', (v) => `latchkey-cli-${v}.tgz`],
  ['packages/guard/README.md', (v) => `latchkey-guard-${v}.tgz`],
  ['examples/kubernetes/README.md', (v) => `/latchkey:${v}`],
  ['examples/kubernetes/latchkey.yaml', (v) => `/latchkey:${v}\n`],
];

const text = (file) => readFileSync(file, 'utf8');

function replace(file, before, after) {
  if (!text(file).includes(before)) throw new Error(`${file} does not contain ${JSON.stringify(before)}`);
  return [file, text(file).replaceAll(before, after)];
}

function lockFile(next) {
  const lock = JSON.parse(text('package-lock.json'));
  for (const owner of [lock, ...['', ...WORKSPACES].map((path) => lock.packages[path])]) owner.version = next;
  return ['package-lock.json', `${JSON.stringify(lock, null, 2)}\n`];
}

function isLater(next, current) {
  const [one, other] = [next, current].map((version) => version.split('.').map(Number));
  const place = one.findIndex((number, index) => number !== other[index]);
  return place >= 0 && one[place] > other[place];
}

function setVersion(next = '') {
  const { version: current } = JSON.parse(text('package.json'));
  if (!VERSION.test(next) || !isLater(next, current)) {
    throw new Error(`give a version after ${current}, such as npm run release -- 1.2.3`);
  }
  const files = [
    ...PLACES.map(([file, textOf]) => replace(file, textOf(current), textOf(next))),
    lockFile(next),
    replace('CHANGELOG.md', '\n## Unreleased\n', `\n## ${next}\n`),
  ];
  for (const [file, content] of files) writeFileSync(file, content);
}

if (import.meta.filename === process.argv[1]) {
  try {
    setVersion(process.argv[2]);
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
