import type { ServerSettings } from '../../config/settings.js';
import type { Examine } from '../server/hosts/examine.js';
import type { ServerRole, ServerState } from '../server/hosts/server-state.js';
import { clientOptions, PostgresClient, streamOf } from './postgres-client.js';

const READ_STATE = `SELECT current_setting('server_version') AS version, pg_is_in_recovery() AS standby,
  current_setting('transaction_read_only') AS read_only`;

/** The first eight digits of the name of a WAL file. */
const READ_TIMELINE = `SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int AS timeline`;

interface Row {
  version: string;
  standby: number;
  read_only: string;
}

export async function readState(client: PostgresClient): Promise<ServerState> {
  const [row] = (await client.query(READ_STATE)).rows as Row[];
  if (!row) throw new Error('the database server does not report its state');
  const [number] = row.version.split(' ');
  return { version: `PostgreSQL ${number}`, role: roleOf(row) };
}

export const postgresExamine =
  (settings: ServerSettings): Examine =>
  async (stream, patient) => {
    const timeout = patient ? { connectionTimeoutMillis: 0 } : {};
    const client = new PostgresClient({ ...clientOptions(settings), ...timeout, stream: streamOf(stream) });
    await client.connect();
    try {
      const state = await readState(client);
      return state.role === 'primary' ? { ...state, timeline: await readTimeline(client) } : state;
    } finally {
      await client.end();
    }
  };

/** Some servers that speak the protocol have no timelines. */
const readTimeline = (client: PostgresClient): Promise<number | undefined> =>
  client.query(READ_TIMELINE).then(
    ({ rows }: { rows: { timeline: number }[] }) => rows[0]?.timeline,
    () => undefined,
  );

function roleOf({ standby, read_only }: Row): ServerRole {
  if (standby) return 'standby';
  return read_only === 'on' ? 'read-only' : 'primary';
}
