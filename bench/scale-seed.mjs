import { tokenDigest } from '../dist/src/crypto/digest.js';
import { makeHandle } from '../dist/src/crypto/handle.js';
import { SESSION_TABLE } from '../dist/src/sessions/session-row.js';
import { openDatabase } from './session-seed.mjs';

const ROWS_IN_A_STATEMENT = 100_000;
const HOUR = 3_600_000;
const SCOPE = 'library:read library:write library:admin library:list';
const RULES = [{ effect: 'allow', resource: 'library', identifier: '*', operations: ['*'] }].concat(
  Array.from({ length: 9 }, (_, number) => ({
    ...{ effect: 'allow', resource: 'library', identifier: `shelf-${number}` },
    operations: ['read', 'write'],
  })),
);

/** The differences between the engines' SQL. */
const DIALECTS = {
  sqlite: {
    concat: (...parts) => parts.join(' || '),
    decimal: (sql, width) => `printf('%0${width}d', ${sql})`,
    hex: (sql, width) => `printf('%0${width}x', ${sql})`,
    divided: (a, b) => `(${a}) / (${b})`,
  },
  mysql: {
    concat: (...parts) => `CONCAT(${parts.join(', ')})`,
    decimal: (sql, width) => `LPAD(${sql}, ${width}, '0')`,
    hex: (sql, width) => `LOWER(LPAD(HEX(${sql}), ${width}, '0'))`,
    divided: (a, b) => `(${a}) DIV (${b})`,
  },
};

export const clientName = (number) => `client-${String(number).padStart(6, '0')}`;

/** One in ten sessions belongs to the first client; the others are spread in scattered order. */
const CLIENT_OF = (clients) => `CASE WHEN n % 10 = 0 THEN 0 ELSE 1 + (n * 7919) % ${clients - 1} END`;

/** `count` sessions from number `first` on, over `span` milliseconds; their ids follow from their numbers. */
class Times {
  constructor(count, { startsAt, span, lifetime }) {
    Object.assign(this, { count, startsAt, span, lifetime });
  }

  startOf(number) {
    return this.startsAt + Math.floor((number * this.span) / this.count);
  }

  idOf(number) {
    const time = this.startOf(number).toString(16).padStart(12, '0');
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`;
  }
}

/** Rows as the server would write them, generated inside the database by the hundred thousand. */
export class Seed {
  static async open(server) {
    const database = await openDatabase(server);
    return new Seed(server, database);
  }

  constructor(server, database) {
    this.server = server;
    this.database = database;
    this.sql = DIALECTS[server.databaseUrl ? 'mysql' : 'sqlite'];
  }

  async close() {
    await this.database.run('DROP TABLE IF EXISTS bench_number');
    await this.database.close();
  }

  async numbers() {
    await this.database.run('CREATE TABLE IF NOT EXISTS bench_number (n integer NOT NULL PRIMARY KEY)');
    await this.database.run('DELETE FROM bench_number');
    const digits =
      '(SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4';
    const ten = `${digits} UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)`;
    const places = ['a', 'b', 'c', 'd', 'e'];
    const value = places.map((place, at) => `${place}.d * ${10 ** at}`).join(' + ');
    const tables = places.map((place) => `${ten} ${place}`).join(', ');
    await this.database.run(`INSERT INTO bench_number SELECT ${value} FROM ${tables}`);
  }

  /** Inserts `count` rows; `values` are SQL over `n`, the row's number, and over the tables in `from`. */
  async insert(table, values, count, from = '') {
    const columns = Object.keys(values).join(', ');
    const insert = `INSERT INTO ${table} (${columns}) SELECT ${Object.values(values).join(', ')} FROM ${from}`;
    for (let start = 0; start < count; start += ROWS_IN_A_STATEMENT) {
      const some = Math.min(ROWS_IN_A_STATEMENT, count - start);
      // Inlined: SQLite does not treat a bound value as an integer here.
      const numbers = `(SELECT n + ${start} AS n FROM bench_number WHERE n < ${some}) numbers`;
      await this.database.together(() => this.database.run(insert + numbers));
    }
  }

  client(number) {
    return this.sql.concat(`'client-'`, this.sql.decimal(number, 6));
  }

  /**
   * Clients like the one that issues opaque tokens, with its secret, and policies that grant each of them the
   * library.
   */
  async configuration({ clients, policies }) {
    await this.numbers();
    const copied = (names) => Object.fromEntries(names.map((name) => [name, `t.${name}`]));
    const client = {
      id: this.client('n'),
      ...copied(['version', 'created_at', 'updated_at', 'active', 'grant_types', 'client_credentials']),
      sessions_closed_before: '0',
      name: this.sql.concat(`'Machine '`, 'n'),
      name_folded: this.sql.concat(`'machine '`, 'n'),
    };
    await this.insert('client', client, clients, `(SELECT * FROM client WHERE id = 'opaque') t, `);
    const secret = {
      id: this.sql.concat(this.sql.hex('n * 7919 % 1048576', 8), `'-0000-4000-8000-'`, this.sql.hex('n', 12)),
      client_id: this.client('n'),
      ...copied(['pepper_id', 'digest', 'created_at']),
    };
    await this.insert(
      'client_secret',
      secret,
      clients,
      `(SELECT * FROM client_secret WHERE client_id = 'opaque') t, `,
    );
    const policy = {
      id: this.sql.concat(`'policy-'`, this.sql.decimal('n', 6)),
      ...{ version: '1', created_at: String(Date.now()), updated_at: String(Date.now()), engine: `'rules'` },
      ...{ everyone: '0', administrative: '0', rules: `'${JSON.stringify(RULES)}'` },
    };
    await this.insert('policy', policy, policies);
    await this.insert('policy_resource', { policy_id: policy.id, resource_id: `'library'` }, policies);
    const policyOfClient = this.sql.concat(`'policy-'`, this.sql.decimal(`n % ${policies}`, 6));
    await this.insert('policy_client', { policy_id: policyOfClient, client_id: this.client('n') }, clients);
    await this.database.run(
      'UPDATE configuration_revision SET clients = clients + 1, policies = policies + 1 WHERE id = 1',
    );
  }

  /** Sessions with opaque tokens that no client holds, except for those made by `tokens`. They count as audited. */
  async sessions(times, clients) {
    const { sql } = this;
    await this.numbers();
    const start = `${times.startsAt} + ${sql.divided(`n * ${times.span}`, times.count)}`;
    const hex = sql.hex(start, 12);
    const owner = this.client(CLIENT_OF(clients));
    const values = {
      id: sql.concat(`SUBSTR(${hex}, 1, 8)`, `'-'`, `SUBSTR(${hex}, 9)`, `'-7000-8000-'`, sql.hex('n', 12)),
      client_id: owner,
      type: `'client_credentials'`,
      door: `'native'`,
      issuer: `'${this.audience}'`,
      subject: owner,
      scope: `'${SCOPE}'`,
      audience: `'["${this.audience}"]'`,
      audience_asked: '0',
      token_format: `'opaque'`,
      token_digest: sql.concat(`'nobody-holds-this-token-'`, sql.hex('n', 19)),
      started_at: start,
      ends_at: `${start} + ${times.lifetime}`,
    };
    for (const name of Object.keys(values)) if (!SESSION_TABLE.columns.includes(name)) throw new Error(name);
    // Creating the index at the end takes a fraction of the time of updating it with each row.
    await this.database.run(
      `DROP INDEX session_by_client_id_id${this.server.databaseUrl ? ' ON session' : ''}`,
    );
    await this.insert('session', values, times.count);
    await this.database.run('CREATE INDEX session_by_client_id_id ON session (client_id, id)');
    await this.database.run('UPDATE audit_scan SET session_id = ? WHERE id = 1', [
      times.idOf(times.count - 1),
    ]);
  }

  /** Tokens for existing sessions, spread over all of them. */
  async tokens(times, count) {
    const tokens = [];
    await this.database.together(async () => {
      for (let at = 0; at < count; at++) {
        const id = times.idOf(Math.floor((at * times.count) / count) | 1);
        const token = makeHandle('accessToken', id);
        tokens.push(token);
        await this.database.run('UPDATE session SET token_digest = ? WHERE id = ?', [tokenDigest(token), id]);
      }
    });
    return tokens;
  }

  /** A token of the first client, which has many sessions. */
  async tokenOfFirst(times) {
    const id = times.idOf(0);
    const token = makeHandle('accessToken', id);
    await this.database.run('UPDATE session SET token_digest = ? WHERE id = ?', [tokenDigest(token), id]);
    return token;
  }

  get audience() {
    return `http://localhost:${this.server.port}/`;
  }
}

/** Sessions started in the last day that are valid for another day. */
export const livingTimes = (count) =>
  new Times(count, { startsAt: Date.now() - 20 * HOUR, span: 20 * HOUR - 60_000, lifetime: 48 * HOUR });

/** Sessions that ended yesterday; they began before all live ones. */
export const endedTimes = (count) =>
  new Times(count, { startsAt: Date.now() - 96 * HOUR, span: 40 * HOUR, lifetime: HOUR });

/** As many and as old, but still live: a sweep reads and keeps them. */
export const oldButLiving = (count) =>
  new Times(count, { startsAt: Date.now() - 96 * HOUR, span: 40 * HOUR, lifetime: 960 * HOUR });
