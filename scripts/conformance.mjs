import './node-version.mjs';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const root = fileURLToPath(new URL('..', import.meta.url));
export const DOCUMENT = join(root, 'docs/conformance.md');

/** A title ends with its references: rows, clauses and field faults, as in `(C13, RFC 6749 2.3.1, faults B2, E9)`. */
const REFERENCES_AT_THE_END = / \(([^()]*)\)$/;
const ROW = /\b[A-Z]\d\d\b/g;
const CLAUSE = /\b(?:RFC \d+|ASVS|OAuth 2\.1|FAPI 2\.0|SP 800-\d+)/;
const FAULTS = /\bfaults? (?=[A-F]\d)/;
const FAULT = /\b[A-F]\d{1,2}\b/g;
const ADVISORY = /\b(?:CVE-\d{4}-\d+|GHSA(?:-[0-9a-z]{4}){3}|[A-Za-z][\w-]*#\d+)/g;

/** The titles of all tests as written, without running a test file; the same on every engine. */
function listTests() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-titles-'));
  try {
    const list = join(folder, 'tests.json');
    const vitest = join(root, 'node_modules/vitest/vitest.mjs');
    execFileSync(process.execPath, [vitest, 'list', '--static-parse', `--json=${list}`], {
      cwd: root,
      env: { ...process.env, LATCHKEY_TEST_ENGINE: 'sqlite' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    return JSON.parse(readFileSync(list, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Every title of a test or a group of tests, once for each file, in file order. */
function titlesOf(tests) {
  const places = tests
    .map(({ name, file, location }) => ({ parts: name.split(' > '), file: relative(root, file), location }))
    .sort((a, b) => (a.file === b.file ? a.location.line - b.location.line : a.file < b.file ? -1 : 1));
  const titles = new Map();
  for (const { parts, file } of places)
    for (const text of parts) titles.set(`${file} ${text}`, { file, text });
  return [...titles.values()].map(({ file, text }) => ({ file, text, ...referencesOf(text) }));
}

function referencesOf(text) {
  const [standards = '', faults = ''] = (text.match(REFERENCES_AT_THE_END)?.[1] ?? '').split(FAULTS);
  return {
    rows: standards.match(ROW) ?? [],
    clause: CLAUSE.test(standards),
    advisories: text.match(ADVISORY) ?? [],
    fieldFaults: faults.match(FAULT) ?? [],
  };
}

/** What the titles omit or get wrong, in words. */
function faultsOf({ rows, advisories, fieldFaults }, titles) {
  const named = new Set(titles.flatMap((title) => title.rows));
  const shown = new Set(titles.flatMap((title) => title.advisories));
  const mended = new Set(titles.flatMap((title) => title.fieldFaults));
  return [
    ...titles.flatMap(({ rows: ids, text, file }) =>
      ids.filter((id) => !rows[id]).map((id) => `${file}: there is no row ${id}: ${text}`),
    ),
    ...titles
      .filter(({ rows: ids, clause }) => ids.length > 0 && !clause)
      .map(({ file, text }) => `${file}: no clause at the end: ${text}`),
    ...Object.keys(rows)
      .filter((id) => !named.has(id) && !rows[id].unless)
      .map((id) => `the row ${id} has neither a test nor a reason`),
    ...Object.keys(advisories)
      .filter((id) => !shown.has(id) && !advisories[id].unless)
      .map((id) => `the advisory ${id} has neither a test nor a reason`),
    ...[...mended].filter((id) => !fieldFaults[id]).map((id) => `there is no field fault ${id}`),
    ...Object.keys(fieldFaults)
      .filter((id) => !mended.has(id) && !fieldFaults[id].unless)
      .map((id) => `the field fault ${id} has neither a test nor a reason`),
    ...Object.keys(fieldFaults)
      .filter((id) => mended.has(id) && fieldFaults[id].unless)
      .map((id) => `the field fault ${id} has a test, and a reason why it has none`),
    ...Object.entries({ ...rows, ...advisories })
      .filter(([id, { unless }]) => unless && (named.has(id) || shown.has(id)))
      .map(([id]) => `${id} has a test, and a reason why it has none`),
  ];
}

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

function testsIn(titles) {
  const files = [...new Set(titles.map(({ file }) => file))];
  return files
    .map((file) => {
      const inFile = titles.filter((title) => title.file === file).map(({ text }) => cell(text));
      return [`[${file}](../${file})`, ...inFile].join('<br>');
    })
    .join('<br>');
}

function outcome(titles, { unless, otherwise }) {
  if (otherwise) return `in part: ${otherwise}`;
  return titles.length > 0 ? 'holds' : `not applicable: ${unless}`;
}

function rowLine(id, row, titles) {
  const tests = titles.filter(({ rows }) => rows.includes(id));
  return `| ${id} | ${row.clause} | ${cell(row.text)} | ${testsIn(tests)} | ${outcome(tests, row)} |`;
}

function advisoryLine(id, number, advisory, titles) {
  const { of, fault, rows } = advisory;
  const tests = titles.filter(({ advisories }) => advisories.includes(id));
  const cells = [number, id, of, fault, rows.join(' '), testsIn(tests), outcome(tests, advisory)];
  return `| ${cells.join(' | ')} |`;
}

function fieldFaultLine(id, fieldFault, titles) {
  const tests = titles.filter(({ fieldFaults }) => fieldFaults.includes(id));
  const { unless, otherwise } = fieldFault;
  const state = unless ? `open: ${unless}` : otherwise ? `in part: ${otherwise}` : 'holds';
  return `| ${id} | ${cell(fieldFault.text)} | ${testsIn(tests)} | ${cell(state)} |`;
}

function documentOf({ rows, advisories, fieldFaults }, titles) {
  return [
    '# Conformance',
    '',
    'Requirements of the standards for an authorization server for machines, and the tests that cover them. Generated from',
    'the test titles by `npm run conformance`; a test fails if it is out of date. `npm test` runs all of them on SQLite and',
    'MariaDB, and those in `test/once` and beside the code once. *Holds* means that these tests pass; *not applicable* and',
    '*in part* are followed by the reason. In the title of a test with several cases, `%s` stands for the case.',
    '',
    '## Requirements',
    '',
    '| row | clause | requirement | tests | result |',
    '|---|---|---|---|---|',
    ...Object.entries(rows).map(([id, row]) => rowLine(id, row, titles)),
    '',
    '## Advisories',
    '',
    'Vulnerabilities of other servers and libraries, and the tests that show that Latchkey does not have them.',
    '',
    '| # | advisory | of | fault | rows | tests | result |',
    '|---|---|---|---|---|---|---|',
    ...Object.entries(advisories).map(([id, one], index) => advisoryLine(id, String(index + 1), one, titles)),
    '',
    '## Field faults',
    '',
    'Kinds of faults found in version 0.1.0 by users, attackers and broken networks, and the tests that show that each is',
    'fixed.',
    '',
    '| id | expected behaviour | tests | result |',
    '|---|---|---|---|',
    ...Object.entries(fieldFaults).map(([id, fieldFault]) => fieldFaultLine(id, fieldFault, titles)),
    '',
  ].join('\n');
}

/** The expected document, and the faults in the titles it is generated from. */
export function conformance() {
  const known = parse(readFileSync(join(root, 'scripts/conformance.yaml'), 'utf8'));
  const titles = titlesOf(listTests());
  return { document: documentOf(known, titles), faults: faultsOf(known, titles) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { document, faults } = conformance();
  for (const fault of faults) console.error(fault);
  writeFileSync(DOCUMENT, document);
  process.exitCode = faults.length > 0 ? 1 : 0;
}
