import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import mysql from 'mysql2/promise';
import { uuidv7 } from 'uuidv7';
import { tokenDigest } from '../dist/src/crypto/digest.js';
import { makeHandle } from '../dist/src/crypto/handle.js';
import { rowOf, SESSION_TABLE, storedTerms } from '../dist/src/sessions/session-row.js';
import { interrupted } from './program.mjs';

const ROWS_IN_A_STATEMENT = 500;
const HOUR = 3_600_000;

/** A session of this client as the server would record it; it ends in an hour unless `endsAt` says otherwise. */
function aSession(clientId, token, id, endsAt = Date.now() + HOUR) {
  return {
    ...{ id, kid: null, tokenDigest: token, startedAt: endsAt - HOUR, endsAt },
    ...{ familyId: null, familyEndsAt: null, refreshedFrom: null, refreshDigest: null, refreshEndsAt: null },
    ...{ generation: 0, federated: null, address: '127.0.0.1', userAgent: '' },
    terms: storedTerms({
      ...{ clientId, type: 'client_credentials', dialect: 'native', issuer: 'http://localhost/' },
      subject: clientId,
      scope: ['library:read', 'library:write', 'library:admin', 'library:list'],
      audience: ['http://localhost/'],
      audienceAsked: false,
      tokenFormat: 'opaque',
    }),
  };
}

/** Opens the database beside the server: `insert(table, columns, rows)` in as few statements as possible. */
export async function openDatabase({ file, databaseUrl }) {
  if (databaseUrl) {
    const connection = await mysql.createConnection({ uri: databaseUrl });
    return {
      run: (sql, values = []) => connection.query(sql, values),
      all: async (sql, values = []) => (await connection.query(sql, values))[0],
      close: () => connection.end(),
      together: async (work) => {
        await connection.beginTransaction();
        await work();
        await connection.commit();
      },
    };
  }
  const connection = new (createRequire(import.meta.url)('libsql'))(file, { timeout: 10_000 });
  connection.pragma('synchronous = OFF');
  const prepared = new Map();
  return {
    run: async (sql, values = []) => {
      if (!prepared.has(sql)) prepared.set(sql, connection.prepare(sql));
      return prepared.get(sql).run(...values);
    },
    all: async (sql, values = []) => connection.prepare(sql).all(...values),
    close: async () => connection.close(),
    together: async (work) => {
      // Yields to the event loop: otherwise a signal would be handled only after all rows are written.
      await nextTurn();
      interrupted.throwIfAborted();
      connection.exec('BEGIN IMMEDIATE');
      await work();
      connection.exec('COMMIT');
    },
  };
}

export async function insertRows(database, table, columns, rows) {
  for (let start = 0; start < rows.length; start += ROWS_IN_A_STATEMENT) {
    const some = rows.slice(start, start + ROWS_IN_A_STATEMENT);
    const tuple = `(${columns.map(() => '?').join(', ')})`;
    const sql = `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${some.map(() => tuple).join(', ')}`;
    await database.run(sql, some.flat());
  }
}

/** Records sessions with opaque tokens beside the server; returns the tokens. */
export async function seedTokens(server, clientId, count) {
  const database = await openDatabase(server);
  const tokens = [];
  try {
    await database.together(async () => {
      const rows = [];
      for (let at = 0; at < count; at++) {
        const id = uuidv7();
        const token = makeHandle('accessToken', id);
        tokens.push(token);
        rows.push(rowOf(aSession(clientId, tokenDigest(token), id)));
      }
      await insertRows(database, SESSION_TABLE.table, SESSION_TABLE.columns, rows);
    });
  } finally {
    await database.close();
  }
  return tokens;
}
