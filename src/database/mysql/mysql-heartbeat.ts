import type { Socket } from 'node:net';
import { createConnection } from 'mysql2';
import { createConnection as connectOnce } from 'mysql2/promise';
import type { ServerSettings } from '../../config/settings.js';
import type { HeartbeatDriver, Probe, ProbeEvents } from '../server/server-heartbeat.js';
import { mysqlOptions } from './mysql.js';

export const mysqlHeartbeatDriver = (settings: ServerSettings): HeartbeatDriver => ({
  lostCode: 'PROTOCOL_CONNECTION_LOST',

  openProbe(stream: () => Socket, events: ProbeEvents): Probe {
    const connection = createConnection({ ...mysqlOptions(settings), connectTimeout: 0, stream });
    connection.once('connect', () => events.connected());
    connection.on('error', ({ code }: { code?: string }) => events.lost(code));
    connection.once('end', () => events.lost());
    return { ping: (answered) => connection.ping((error) => answered(!error?.fatal)) };
  },

  async connectOnce(stream: () => Socket): Promise<void> {
    const connection = await connectOnce({ ...mysqlOptions(settings), stream });
    connection.destroy();
  },
});
