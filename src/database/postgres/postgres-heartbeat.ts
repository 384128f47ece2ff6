import type { Socket } from 'node:net';
import type { ServerSettings } from '../../config/settings.js';
import type { HeartbeatDriver, Probe, ProbeEvents } from '../server/probe.js';
import { clientOptions, PostgresClient, streamOf } from './postgres-client.js';
import { CONNECTION_LOST } from './postgres-errors.js';
import { postgresExamine, readState } from './postgres-state.js';

export const postgresHeartbeatDriver = (settings: ServerSettings): HeartbeatDriver => ({
  lostCode: CONNECTION_LOST,

  openProbe(stream: () => Socket, events: ProbeEvents, examines: boolean): Probe {
    const options = { ...clientOptions(settings), connectionTimeoutMillis: 0, stream: streamOf(stream) };
    const client = new PostgresClient(options);
    client.connect().then(
      () => events.connected(),
      (error: { code?: string }) => events.lost(error.code),
    );
    client.once('end', () => events.lost());
    return {
      ping: (answered) => {
        if (examines) {
          readState(client).then(
            (state) => answered(true, state),
            () => answered(false),
          );
          return;
        }
        client.query('SELECT 1').then(
          () => answered(true),
          (error: { severity?: string }) => answered(error.severity === 'ERROR'),
        );
      },
    };
  },

  examine: postgresExamine(settings),
});
