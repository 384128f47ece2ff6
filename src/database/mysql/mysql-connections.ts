import { connect, Socket } from 'node:net';
import type { PoolConnection } from 'mysql2';
import type { MysqlSettings } from '../../config/settings.js';

const TICK_MS = 250;
/** Shorter than the minutes after which firewalls and NAT drop an idle connection. */
const KEEP_ALIVE_MS = 30_000;
/** A firewall that drops an idle connection notifies neither end. */
const MAX_IDLE_TICKS = 60_000 / TICK_MS;

/** Maximum time of one statement of a pool, from sending it to the last byte of its result. */
export interface Watching {
  statementMs: number;
}

/** Internals of the driver's connection that its types omit. */
type Driven = PoolConnection & {
  /** The statement in progress; null between statements. */
  _command: object | null | undefined;
  /** Whether it is idle in its pool. */
  _released: boolean;
  stream: Socket;
};

interface Watched {
  maxTicks: number;
  command: object | null;
  ticks: number;
}

/**
 * All connections of this process to MySQL. One timer bounds their statements and retires those idle for a minute. It
 * counts ticks instead of time, so that a blocked event loop is not mistaken for a silent database.
 */
export class MysqlConnections {
  private readonly sockets = new Set<Socket>();
  private readonly watched = new Map<Driven, Watched>();
  private readonly timer = setInterval(() => this.tick(), TICK_MS).unref();
  private cut = false;
  private dropping = false;

  constructor(private readonly settings: MysqlSettings) {}

  /** The driver's `stream` option. */
  readonly open = (): Socket => {
    if (this.cut) return new Socket().destroy(unanswered());
    const socket = dial(this.settings);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };

  watch(connection: PoolConnection, { statementMs }: Watching): void {
    const driven = connection as Driven;
    this.watched.set(driven, { maxTicks: Math.ceil(statementMs / TICK_MS), command: null, ticks: 0 });
    const forget = () => this.watched.delete(driven);
    driven.once('error', forget);
    driven.once('end', forget);
    driven.stream.once('close', forget);
  }

  /** Closes every connection and opens none until `resume`. */
  cutAll(): void {
    this.cut = true;
    for (const socket of this.sockets) socket.destroy(unanswered());
  }

  resume(): void {
    this.cut = false;
  }

  /** Closes the idle connections: an error that one of them met would affect the others too. */
  dropIdle(): void {
    if (this.dropping) return;
    this.dropping = true;
    // Deferred: the driver hands out a connection in the next tick.
    setImmediate(() => {
      this.dropping = false;
      for (const connection of this.watched.keys()) {
        if (isFree(connection)) end(connection);
      }
    });
  }

  close(): void {
    clearInterval(this.timer);
  }

  private tick(): void {
    for (const [connection, watched] of this.watched) {
      const command = connection._command ?? null;
      watched.ticks = command === watched.command ? watched.ticks + 1 : 0;
      watched.command = command;
      if (isFree(connection)) {
        if (watched.ticks >= MAX_IDLE_TICKS) end(connection);
      } else if (command !== null && watched.ticks >= watched.maxTicks) this.abandon(connection);
    }
  }

  /** A network path that silently dropped this connection has most likely dropped those of the same age. */
  private abandon(connection: Driven): void {
    connection.stream.destroy(unanswered());
    this.dropIdle();
  }
}

const isFree = ({ _released, _command }: Driven): boolean => _released && !_command;

function end(connection: Driven): void {
  connection.destroy();
  // The driver would wait until the other end has closed too.
  connection.stream.destroy();
}

/** Opens every socket to MySQL. */
export function dial({ host, port, socket, tls }: MysqlSettings): Socket {
  const stream = socket === undefined ? connect(port, host) : connect(socket);
  // Node compares the certificate with this name, since SNI cannot carry an IP address.
  Object.assign(stream, { _host: tls?.name ?? host });
  return stream.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
}

const unanswered = () =>
  Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT', syscall: 'read' });
