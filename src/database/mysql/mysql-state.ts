import { type Connection, createConnection, type QueryError } from 'mysql2';
import type { ServerSettings } from '../../config/settings.js';
import type { Examine } from '../server/hosts/examine.js';
import type { ServerRole, ServerState } from '../server/hosts/server-state.js';
import { mysqlOptions } from './mysql.js';

/** A node outside the primary component of its cluster answers SHOW, but rejects SELECT. */
const VARIABLES = `SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'read_only', 'super_read_only', 'wsrep_on')`;
const CLUSTER = `SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_cluster_status', 'wsrep_ready', 'wsrep_local_state')`;

const DONOR = '2';
const SYNCED = '4';

type Values = Readonly<Record<string, string>>;
type Read = (error: QueryError | undefined, state?: ServerState) => void;

/** In callbacks, so that a connection can be examined on each tick of the heartbeat. */
export function readState(connection: Connection, read: Read): void {
  show(connection, VARIABLES, read, (variables) => {
    const version = versionOf(variables.version ?? '');
    if (variables.wsrep_on !== 'ON') return read(undefined, { version, role: roleOfServer(variables) });
    show(connection, CLUSTER, read, (status) => {
      read(undefined, { version, role: roleOfNode(variables, status) });
    });
  });
}

export const mysqlExamine =
  (settings: ServerSettings): Examine =>
  (stream, patient) =>
    new Promise((resolve, reject) => {
      const timeout = patient ? { connectTimeout: 0 } : {};
      const connection = createConnection({ ...mysqlOptions(settings), ...timeout, stream });
      const end = (settle: () => void) => {
        connection.destroy();
        settle();
      };
      connection.on('error', (error) => end(() => reject(error)));
      connection.once('connect', () =>
        readState(connection, (error, state) => {
          end(() => (state ? resolve(state) : reject(error)));
        }),
      );
    });

function show(connection: Connection, sql: string, failed: Read, shown: (values: Values) => void): void {
  connection.query(sql, (error, rows) => {
    if (error) return failed(error);
    const pairs = (rows as { Variable_name: string; Value: string }[]).map((row) => [
      row.Variable_name.toLowerCase(),
      row.Value,
    ]);
    shown(Object.fromEntries(pairs));
  });
}

const isOn = (value = 'OFF'): boolean => value !== 'OFF' && value !== '0';

const roleOfServer = ({ read_only, super_read_only }: Values): ServerRole =>
  isOn(read_only) || isOn(super_read_only) ? 'read-only' : 'primary';

function roleOfNode(variables: Values, status: Values): ServerRole {
  const { wsrep_cluster_status: component, wsrep_ready: ready, wsrep_local_state: state } = status;
  if (component?.toLowerCase() !== 'primary' || !isOn(ready)) return 'non-Primary';
  if (roleOfServer(variables) === 'read-only') return 'read-only';
  if (state === SYNCED) return 'synced';
  return state === DONOR ? 'donor' : 'joining';
}

function versionOf(version: string): string {
  const [number = version] = /^[\d.]+/.exec(version) ?? [];
  return /mariadb/i.test(version) ? `MariaDB ${number}` : `MySQL ${version}`;
}
