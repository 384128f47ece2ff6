import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

/*
 * Loaded before the server by NODE_OPTIONS: kills the process, as a power cut would, when the database has executed
 * this many writing statements of its main thread.
 */

const CHANGES = /^\s*(create|alter|drop|insert|replace|update|delete|commit)/i;
const require = createRequire(import.meta.url);
let left = Number(process.env.KILL_AFTER);

function count(sql) {
  if (CHANGES.test(sql) && --left === 0) process.kill(process.pid, 'SIGKILL');
}

function watchSqlite() {
  const { prototype } = require('libsql');
  const { prepare, exec } = prototype;
  prototype.exec = function (sql) {
    exec.call(this, sql);
    count(sql);
  };
  prototype.prepare = function (sql) {
    const statement = prepare.call(this, sql);
    const { run } = statement;
    statement.run = (...values) => {
      const result = run.apply(statement, values);
      count(sql);
      return result;
    };
    return statement;
  };
}

function watchMysql() {
  const { prototype } = require('mysql2').Connection;
  const { addCommand } = prototype;
  prototype.addCommand = function (command) {
    if (typeof command.sql === 'string') command.once('end', () => count(command.sql));
    return addCommand.call(this, command);
  };
}

function watchPostgres() {
  const { prototype } = require('pg').Client;
  const { query } = prototype;
  prototype.query = function (statement, ...rest) {
    const sql = typeof statement === 'string' ? statement : (statement.text ?? '');
    const asked = query.call(this, statement, ...rest);
    asked?.then?.(
      () => count(sql.replace(/^.*; /s, '')),
      () => undefined,
    );
    return asked;
  };
}

if (isMainThread && left > 0) {
  watchSqlite();
  watchMysql();
  watchPostgres();
}
