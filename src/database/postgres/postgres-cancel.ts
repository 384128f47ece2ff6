import type { ServerSettings } from '../../config/settings.js';
import { dial } from '../server/dial.js';
import type { Driven } from './postgres-client.js';

const CANCEL_REQUEST = 80877102;
const MAX_CANCEL_MS = 2000;

/**
 * Ends the statement of a connection that is about to be closed: a server notices a closed connection only when the
 * statement has ended, so those that wait for a lock would use up its connections.
 */
export function cancelStatement(settings: ServerSettings, { processID, secretKey }: Driven): void {
  if (processID === null || secretKey === null) return;
  const request = Buffer.alloc(16);
  request.writeInt32BE(request.length, 0);
  request.writeInt32BE(CANCEL_REQUEST, 4);
  request.writeInt32BE(processID, 8);
  request.writeInt32BE(secretKey, 12);
  const socket = dial(settings).unref();
  socket.on('error', () => undefined);
  socket.setTimeout(MAX_CANCEL_MS, () => socket.destroy());
  socket.end(request);
}
