import type { Socket } from 'node:net';
import { createConnection } from 'mysql2';
import type { ServerSettings } from '../../config/settings.js';
import type { HeartbeatDriver, Probe, ProbeEvents } from '../server/probe.js';
import { mysqlOptions } from './mysql.js';
import { mysqlExamine, readState } from './mysql-state.js';

export const mysqlHeartbeatDriver = (settings: ServerSettings): HeartbeatDriver => ({
  lostCode: 'PROTOCOL_CONNECTION_LOST',

  openProbe(stream: () => Socket, events: ProbeEvents, examines: boolean): Probe {
    const connection = createConnection({ ...mysqlOptions(settings), connectTimeout: 0, stream });
    connection.once('connect', () => events.connected());
    connection.on('error', ({ code }: { code?: string }) => events.lost(code));
    connection.once('end', () => events.lost());
    return {
      ping: (answered) => {
        if (examines) readState(connection, (_error, state) => answered(state !== undefined, state));
        else connection.ping((error) => answered(!error?.fatal));
      },
    };
  },

  examine: mysqlExamine(settings),
});
