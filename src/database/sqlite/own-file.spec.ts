import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertOwnFile } from './own-file.js';
import { makeDatabasePrivate } from './private-files.js';
import { sqliteDriver } from './sqlite.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-own-'));
  file = join(folder, 'x.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function database(...statements: string[]): void {
  const connection = new sqliteDriver(file);
  for (const statement of statements) connection.exec(statement);
  connection.close();
}

const APPLICATIONS = 'CREATE TABLE book (id INTEGER PRIMARY KEY AUTOINCREMENT)';
const OURS = 'CREATE TABLE migration (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)';

describe('assertOwnFile', () => {
  it.each<[string, () => void]>([
    ['an absent file', () => {}],
    ['an empty file', () => writeFileSync(file, '')],
    ['a database without tables', () => database(APPLICATIONS, 'DROP TABLE book', 'VACUUM')],
    ['a database whose migration has begun', () => database(OURS)],
    ["a migrated database with another program's tables", () => database(APPLICATIONS, OURS)],
  ])('accepts %s (fault A12)', (_, make) => {
    make();
    expect(() => assertOwnFile(file)).not.toThrow();
  });

  it.each<[string, RegExp, () => void]>([
    ['a directory', /x\.sqlite: is a directory; it must be/, () => mkdirSync(file)],
    ['a text file', /x\.sqlite: not an SQLite database/, () => writeFileSync(file, 'a diary')],
    [
      "another application's database",
      /has a table book that is not Latchkey's/,
      () => database(APPLICATIONS),
    ],
    [
      'a dangling symbolic link',
      /is a symbolic link to a file that/,
      () => symlinkSync(`${file}.away`, file),
    ],
  ])('rejects %s and creates nothing beside it (fault A12)', (_, message, make) => {
    make();
    expect(() => assertOwnFile(file)).toThrow(message);
    expect(readdirSync(folder)).toEqual(['x.sqlite']);
  });
});

it('leaves a database in WAL mode without a connection, so that another can lock it (fault F5)', () => {
  database('PRAGMA journal_mode = WAL', OURS);
  assertOwnFile(file);
  database(
    'PRAGMA locking_mode = EXCLUSIVE',
    'BEGIN EXCLUSIVE',
    'INSERT INTO migration DEFAULT VALUES',
    'COMMIT',
  );
});

describe('makeDatabasePrivate', () => {
  it('never changes the mode of a directory (fault A12)', () => {
    for (const place of [file, `${file}.start-lock`]) {
      mkdirSync(place);
      chmodSync(place, 0o755);
    }
    makeDatabasePrivate(file);
    expect(statSync(file).mode & 0o777).toBe(0o755);
    expect(statSync(`${file}.start-lock`).mode & 0o777).toBe(0o755);
  });
});
