import { existsSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';

/*
 * Loaded before the server by NODE_OPTIONS. The file FAULT_FILE, while it exists, contains two expressions, `after`
 * and `fail`. The first statement that matches `fail` on a connection that has executed a match of `after` fails as on
 * a full disk, without reaching the database. Then the file is removed, unless it has `always`. With `kill` the
 * process is killed there instead, as in a power cut.
 */

const file = process.env.FAULT_FILE;
const require = createRequire(import.meta.url);
const reached = new WeakMap();

function fails(connection, sql) {
  if (!existsSync(file)) return false;
  const text = readFileSync(file, 'utf8');
  const { after, fail, always, kill } = JSON.parse(text);
  if (reached.get(connection) !== text) {
    if (after && new RegExp(after, 'i').test(sql)) reached.set(connection, text);
    if (after) return false;
  }
  if (!new RegExp(fail, 'i').test(sql)) return false;
  if (!always) rmSync(file);
  if (kill) process.kill(process.pid, 'SIGKILL');
  return true;
}

function full() {
  throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
}

function inSqlite() {
  const { prototype } = require('libsql');
  const { prepare, exec } = prototype;
  prototype.exec = function (sql) {
    if (fails(this, sql)) full();
    exec.call(this, sql);
  };
  prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    const { run } = statement;
    statement.run = (...values) => (fails(this, sql) ? full() : run.apply(statement, values));
    return statement;
  };
}

/** The server itself answers with the error, so that the transaction stays as it is. */
function inMysql() {
  const { prototype } = require('mysql2').Connection;
  const { addCommand } = prototype;
  prototype.addCommand = function (command) {
    if (typeof command.sql === 'string' && fails(this, command.sql)) {
      command.sql = `SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1021`;
      command.parameters = undefined;
    }
    return addCommand.call(this, command);
  };
}

/** Likewise: a statement that fails in the server. */
function inPostgres() {
  const { prototype } = require('pg').Client;
  const { query } = prototype;
  prototype.query = function (statement, ...rest) {
    const sql = typeof statement === 'string' ? statement : (statement.text ?? '');
    // Some are sent together with the settings of their transaction.
    if (!sql.split('; ').some((one) => fails(this, one))) return query.call(this, statement, ...rest);
    return query.call(this, `DO $$ BEGIN RAISE EXCEPTION 'disk full' USING ERRCODE = '53100'; END $$`);
  };
}

inSqlite();
inMysql();
inPostgres();
