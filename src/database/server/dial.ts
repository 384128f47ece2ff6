import { connect, type Socket } from 'node:net';
import type { ServerSettings } from '../../config/settings.js';

/** Shorter than the minutes after which firewalls and NAT drop an idle connection. */
const KEEP_ALIVE_MS = 30_000;

/** Opens every socket to a database server. */
export function dial({ host, port, socket, tls }: ServerSettings): Socket {
  const stream = socket === undefined ? connect(port, host) : connect(socket);
  // Node compares the certificate with this name, since SNI cannot carry an IP address.
  Object.assign(stream, { _host: tls?.name ?? host });
  return stream.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
}

export const unanswered = () =>
  Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT', syscall: 'read' });
