import { Socket } from 'node:net';
import { unanswered } from './dial.js';
import type { Hosts } from './hosts/hosts.js';

const TICK_MS = 250;
/** A firewall that drops an idle connection notifies neither end. */
const MAX_IDLE_TICKS = 60_000 / TICK_MS;

/** Maximum time of one statement of a pool, from sending it to the last byte of its result. */
export interface Watching {
  statementMs: number;
}

/** A connection of a pool. */
export interface Watchable {
  readonly stream: Socket;
  /** The statement in progress; null between statements. */
  statement(): object | null;
  /** Whether it is idle in its pool. */
  isReleased(): boolean;
  /** Removes it from its pool. */
  destroy(): void;
  /** Asks the server to end the statement in progress, where it would not notice that the connection is closed. */
  cancel?(): void;
}

interface Watched {
  maxTicks: number;
  statement: object | null;
  ticks: number;
}

/**
 * All connections of this process to a database server. One timer bounds their statements and retires those idle for a
 * minute. It counts ticks instead of time, so that a blocked event loop is not mistaken for a silent database.
 */
export class ConnectionGuard {
  private readonly sockets = new Set<Socket>();
  private readonly watched = new Map<Watchable, Watched>();
  private readonly timer = setInterval(() => this.tick(), TICK_MS).unref();
  private cut = false;
  private dropping = false;

  constructor(private readonly hosts: Pick<Hosts, 'dial'>) {}

  /** The driver's `stream` option. */
  readonly open = (): Socket => {
    if (this.cut) return new Socket().destroy(unanswered());
    const socket = this.hosts.dial();
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };

  /** Returns how to end watching; the end of its socket does so, too. */
  watch(connection: Watchable, { statementMs }: Watching): () => void {
    this.watched.set(connection, { maxTicks: Math.ceil(statementMs / TICK_MS), statement: null, ticks: 0 });
    const forget = () => this.watched.delete(connection);
    connection.stream.once('close', forget);
    return forget;
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
      const statement = connection.statement();
      watched.ticks = statement === watched.statement ? watched.ticks + 1 : 0;
      watched.statement = statement;
      if (isFree(connection)) {
        if (watched.ticks >= MAX_IDLE_TICKS) end(connection);
      } else if (statement !== null && watched.ticks >= watched.maxTicks) this.abandon(connection);
    }
  }

  /** A network path that silently dropped this connection has most likely dropped those of the same age. */
  private abandon(connection: Watchable): void {
    connection.cancel?.();
    connection.stream.destroy(unanswered());
    this.dropIdle();
  }
}

const isFree = (connection: Watchable): boolean => connection.isReleased() && connection.statement() === null;

function end(connection: Watchable): void {
  connection.destroy();
  // The driver would wait until the other end has closed too.
  connection.stream.destroy();
}
