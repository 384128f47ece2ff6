import mysql from 'mysql2/promise';
import pg from 'pg';
import { toPostgres } from '../../src/database/postgres/postgres-sql.js';

type Row = Record<string, unknown>;

/** A connection of the test to a database server, for SQL that all engines share. */
export interface Connection {
  /** The rows of a SELECT; none for other statements. */
  all(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export const isPostgres = (url: string): boolean => /^postgres(ql)?:/.test(url);

const asNumber = new Set<number>([pg.types.builtins.INT8, pg.types.builtins.NUMERIC]);
const parserOf = (oid: number) => {
  if (asNumber.has(oid)) return Number;
  if (oid === pg.types.builtins.BOOL) return (text: string) => (text === 't' ? 1 : 0);
  return pg.types.getTypeParser(oid, 'text');
};

/** `url` may lack the database. */
export async function connectTo(url: string): Promise<Connection> {
  if (!isPostgres(url)) {
    const connection = await mysql.createConnection({ uri: url });
    return {
      all: async (sql, values = []) => {
        const [rows] = await connection.query(sql, [...values]);
        return Array.isArray(rows) ? (rows as Row[]) : [];
      },
      close: () => connection.end(),
    };
  }
  const address = new URL(url);
  if (address.pathname.length < 2) address.pathname = '/postgres';
  const types = { getTypeParser: parserOf } as unknown as pg.CustomTypesConfig;
  const client = new pg.Client({ connectionString: address.href, types });
  client.on('error', () => undefined);
  await client.connect();
  return {
    all: async (sql, values = []) => {
      const result = await client.query(toPostgres(sql), values.length > 0 ? [...values] : undefined);
      return result.rows ?? [];
    },
    close: () => client.end(),
  };
}

export async function withConnection<T>(
  url: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connectTo(url);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}
