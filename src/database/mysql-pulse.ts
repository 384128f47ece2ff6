import { connect, Socket } from 'node:net';
import { type Connection, createConnection } from 'mysql2';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { MYSQL_CONNECTION } from './mysql.js';
import type { Outage } from './outage.js';

/** Where a connection is opened to; the driver hands it in. */
interface Address {
  config: { host: string; port: number; socketPath?: string };
}

const LOOK_MILLISECONDS = 500;
/** So that whoever waits has an answer in less than three seconds; looks, not time, so that a busy process blames nobody. */
const MOST_SILENT_LOOKS = 4;
const LOOKS_TO_CONNECT = 6;
/** A server that thaws answers the attempt that waits; a hundred that were given up would make it block this host. */
const MOST_LOOKS_TO_GREET = 60;

/**
 * Knows whether a MySQL server answers at all, by a connection of its own. When it does not, every connection opened
 * through it is cut and none is opened, so that whoever waits fails at once and nothing waits in a queue; how long a
 * query may take that the server is at work on is left to others.
 */
export class MysqlPulse {
  private readonly sockets = new Set<Socket>();
  private readonly looks: NodeJS.Timeout;
  private probe: Connection | undefined;
  private probeSocket: Socket | undefined;
  private greeted = false;
  private asked = false;
  private silentLooks = 0;
  private patience = LOOKS_TO_CONNECT;
  private stopped = false;

  constructor(
    private readonly url: string,
    private readonly outage: Pick<Outage, 'isSeen' | 'succeeded'>,
  ) {
    this.looks = setInterval(() => this.look(), LOOK_MILLISECONDS).unref();
    this.look();
  }

  /** Opens the stream of a pool's connection: the driver's option `stream`. */
  readonly open = ({ config }: Address): Socket => {
    if (this.stopped) return new Socket().destroy(unanswered());
    const socket = dial(config);
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    return socket;
  };

  /** Whoever is about to ask a database that does not answer is refused, before it costs anything. */
  expect(): void {
    if (this.stopped) throw new TemporarilyUnavailable(unanswered());
  }

  close(): void {
    clearInterval(this.looks);
    this.hangUp();
  }

  private look(): void {
    if (!this.probe) this.dialProbe();
    else if (this.asked) this.countSilence();
    else this.ask(this.probe);
  }

  private ask(probe: Connection): void {
    this.asked = true;
    probe.ping((error) => {
      if (probe !== this.probe) return;
      if (error?.fatal) this.lose();
      else this.answered();
    });
  }

  private dialProbe(): void {
    this.greeted = false;
    this.asked = true;
    this.silentLooks = 0;
    const stream = ({ config }: Address) => {
      this.probeSocket = dial(config).unref();
      return this.probeSocket;
    };
    const probe = createConnection({ uri: this.url, ...MYSQL_CONNECTION, connectTimeout: 0, stream });
    this.probe = probe;
    probe.once('connect', () => {
      if (probe !== this.probe) return;
      this.greeted = true;
      this.patience = LOOKS_TO_CONNECT;
      this.answered();
    });
    const lost = (code?: string) => {
      if (probe !== this.probe) return;
      // Of a connection that ended another one has to be tried before anything is said.
      if (!this.greeted) this.outage.isSeen(this, code ?? 'PROTOCOL_CONNECTION_LOST');
      this.lose();
    };
    probe.on('error', ({ code }: { code?: string }) => lost(code));
    probe.once('end', () => lost());
  }

  private answered(): void {
    this.asked = false;
    this.silentLooks = 0;
    this.stopped = false;
    this.outage.succeeded(this);
  }

  /** Being refused is no silence: then every other connection is refused as soon, and the next look dials again. */
  private lose(): void {
    this.hangUp();
    this.asked = false;
  }

  private countSilence(): void {
    this.silentLooks++;
    if (this.silentLooks < this.mostSilentLooks()) return;
    if (!this.greeted) this.patience = Math.min(this.patience * 2, MOST_LOOKS_TO_GREET);
    if (!this.stopped) this.cutAll();
    this.hangUp();
    this.dialProbe();
  }

  private mostSilentLooks(): number {
    if (this.greeted) return MOST_SILENT_LOOKS;
    return this.probeSocket?.connecting ? LOOKS_TO_CONNECT : this.patience;
  }

  private cutAll(): void {
    this.stopped = true;
    this.outage.isSeen(this, 'ETIMEDOUT');
    for (const socket of this.sockets) socket.destroy(unanswered());
  }

  private hangUp(): void {
    this.probe = undefined;
    this.probeSocket?.destroy();
  }
}

function dial({ socketPath, port, host }: Address['config']): Socket {
  const socket = socketPath ? connect(socketPath) : connect(port, host);
  return socket.setNoDelay(true).setKeepAlive(true);
}

const unanswered = () =>
  Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT', syscall: 'read' });
