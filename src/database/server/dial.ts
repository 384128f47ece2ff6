import { connect, type Socket } from 'node:net';
import type { ServerSettings } from '../../config/settings.js';

/** Shorter than the minutes after which firewalls and NAT drop an idle connection. */
const KEEP_ALIVE_MS = 30_000;

const servers = new WeakMap<Socket, ServerSettings>();

/** Opens every socket to a database server. */
export function dial(server: ServerSettings): Socket {
  const { port, socket } = server;
  const stream = socket === undefined ? connect(port, server.host) : connect(socket);
  // Node compares the certificate with this name, since SNI cannot carry an IP address.
  Object.assign(stream, { _host: certifiedName(server) });
  servers.set(stream, server);
  return stream.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
}

/** Where a socket leads. */
export const serverOf = (stream: Socket): ServerSettings | undefined => servers.get(stream);

/** The name that the certificate of a server must have. */
export const certifiedName = ({ host, tls }: ServerSettings): string => tls?.name ?? host;

export const unanswered = () =>
  Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT', syscall: 'read' });
