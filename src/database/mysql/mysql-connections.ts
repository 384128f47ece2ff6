import { connect, Socket } from 'node:net';
import type { PoolConnection } from 'mysql2';
import type { MysqlSettings } from '../../config/settings.js';

const TICK_MS = 250;
/** Below the minutes after which firewalls and address translation forget an idle connection. */
const KEEP_ALIVE_MS = 30_000;
/** What forgets an idle connection notifies neither end. */
const MAX_IDLE_TICKS = 60_000 / TICK_MS;

/** How long one statement of a pool may take, from being sent to the last byte of its answer. */
export interface Watching {
  statementMs: number;
}

/** The parts of the driver's connection that its types leave out. */
type Driven = PoolConnection & {
  /** The statement under way; null between statements. */
  _command: object | null | undefined;
  /** Whether it is in its pool, free. */
  _released: boolean;
  stream: Socket;
};

interface Watched {
  maxTicks: number;
  command: object | null;
  ticks: number;
}

/**
 * Every connection of this process to MySQL. One timer bounds the statements of all of them and retires those that
 * were idle for a minute: it counts ticks, not time, so that a busy process does not suspect the database.
 */
export class MysqlConnections {
  private readonly sockets = new Set<Socket>();
  private readonly watched = new Map<Driven, Watched>();
  private readonly timer = setInterval(() => this.tick(), TICK_MS).unref();
  private cut = false;
  private dropping = false;

  constructor(private readonly settings: MysqlSettings) {}

  /** The driver's option `stream`. */
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

  /** Ends every connection and opens none until `resume`. */
  cutAll(): void {
    this.cut = true;
    for (const socket of this.sockets) socket.destroy(unanswered());
  }

  resume(): void {
    this.cut = false;
  }

  /** Ends the connections that no statement uses: what one of them has met, the others would meet too. */
  dropIdle(): void {
    if (this.dropping) return;
    this.dropping = true;
    // Later: the driver hands a connection over in the next turn.
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

  /** A line that swallows this connection has most likely swallowed those that are as old. */
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

/** The one place where a connection to MySQL begins. */
export function dial({ host, port, socket, tls }: MysqlSettings): Socket {
  const stream = socket === undefined ? connect(port, host) : connect(socket);
  // Node compares the certificate with this name when SNI cannot name an IP address.
  Object.assign(stream, { _host: tls?.name ?? host });
  return stream.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
}

const unanswered = () =>
  Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT', syscall: 'read' });
