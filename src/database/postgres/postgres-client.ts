import type { Socket } from 'node:net';
import pg from 'pg';
import type { ServerSettings } from '../../config/settings.js';
import { certifiedName, dial, serverOf } from '../server/dial.js';
import { encryption } from '../server/encryption.js';
import { toPostgres } from './postgres-sql.js';

/** Includes the wait for a free connection; together with the statement, a caller is answered within three seconds. */
const CONNECT_TIMEOUT_MS = 2000;

const { BOOL, INT8, NUMERIC } = pg.types.builtins;

type Parsers = Readonly<Record<number, (text: string) => unknown>>;

const typesWith = (parsers: Parsers) =>
  ({
    getTypeParser: (oid: number, format?: unknown) =>
      (format !== 'binary' && parsers[oid]) || pg.types.getTypeParser(oid, format as 'text'),
  }) as pg.CustomTypesConfig;

/** For TypeORM: numbers as numbers. */
export const ORM_TYPES = typesWith({ [INT8]: Number, [NUMERIC]: Number });

/** For raw SQL: flags as on the other engines as well. */
const TYPES = typesWith({ [INT8]: Number, [NUMERIC]: Number, [BOOL]: (text) => (text === 't' ? 1 : 0) });

const known = new WeakMap<ServerSettings, pg.ClientConfig>();

/**
 * The options of every PostgreSQL connection. Created once, so that the PEM files are read once. Every value is given,
 * because the driver would take missing ones from `PG…` variables and files of the user.
 */
export function clientOptions(settings: ServerSettings): pg.ClientConfig {
  let options = known.get(settings);
  if (!options) {
    const { port, user, password, database, tls } = settings;
    options = {
      host: certifiedName(settings),
      port,
      user,
      password: () => password,
      database,
      ssl: tls ? encryption(tls) : false,
      stream: streamOf(() => dial(settings)),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: 'latchkey',
      types: TYPES,
    };
    known.set(settings, options);
  }
  return options;
}

/** The driver connects the stream that it gets; this one is connecting already. */
export const streamOf = (open: () => Socket) => (): Socket => {
  const socket = open();
  socket.connect = () => socket;
  return socket;
};

interface Submitted {
  text?: string;
  submit?: unknown;
}

/** Internals of the driver's connection that its types omit. */
export interface Driven {
  connection: { stream: Socket };
  /** Where the connection leads. */
  server: ServerSettings | undefined;
  host: string;
  processID: number | null;
  secretKey: number | null;
  connectionParameters: { options?: string | undefined; replication?: unknown };
  _getActiveQuery(): object | null;
  _sentQueryQueue: object[];
}

/** A connection that understands the SQL that all engines share. */
export class PostgresClient extends pg.Client {
  readonly server: ServerSettings | undefined;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const driven = this as unknown as Driven;
    this.server = serverOf(driven.connection.stream);
    // A pool has the same options for all of its connections, whichever host was in use when they were opened.
    if (this.server) driven.host = certifiedName(this.server);
    // PGOPTIONS and the like.
    Object.assign(driven.connectionParameters, { options: '', replication: undefined });
    // A connection error rejects the statement in progress; without one, the pool replaces the connection.
    this.on('error', () => undefined);
  }

  // biome-ignore lint/suspicious/noExplicitAny: the driver's method has a dozen signatures.
  override query(statement: any, ...rest: any[]): any {
    return super.query(inPostgres(statement) as string, ...(rest as []));
  }
}

function inPostgres(statement: string | Submitted): string | Submitted {
  if (typeof statement === 'string') return toPostgres(statement);
  if (statement.submit !== undefined || statement.text === undefined) return statement;
  return { ...statement, text: toPostgres(statement.text) };
}
