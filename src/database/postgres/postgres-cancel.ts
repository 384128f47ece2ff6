import pg from 'pg';
import { dial } from '../server/dial.js';
import { clientOptions, type Driven, streamOf } from './postgres-client.js';

const MAX_CANCEL_MS = 2000;

/** Methods of the driver's connection that its types omit. */
interface CancelConnection extends pg.Connection {
  connect(port: number | undefined, host: string | undefined): void;
  requestSsl(): void;
  cancel(processId: number, secretKey: number): void;
}

/**
 * Ends the statement of a connection that is about to be closed: a server notices a closed connection only when the
 * statement has ended, so those that wait for a lock would use up its connections. The driver's own method sends the
 * key of the connection in plain text whatever the settings.
 */
export function cancelStatement({ processID, secretKey, server }: Driven): void {
  if (processID === null || secretKey === null || !server) return;
  const { host, port, ssl = false } = clientOptions(server);
  const socket = dial(server).unref();
  socket.setTimeout(MAX_CANCEL_MS, () => socket.destroy());
  const connection = new pg.Connection({ stream: streamOf(() => socket), ssl }) as CancelConnection;
  const cancel = () => connection.cancel(processID, secretKey);
  connection.on('error', () => undefined);
  connection.once('connect', () => (ssl ? connection.requestSsl() : cancel()));
  connection.once('sslconnect', cancel);
  connection.connect(port, host);
}
