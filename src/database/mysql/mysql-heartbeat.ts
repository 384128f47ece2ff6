import type { Socket } from 'node:net';
import { type Connection, createConnection } from 'mysql2';
import { createConnection as connectOnce } from 'mysql2/promise';
import type { MysqlSettings } from '../../config/settings.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import type { Outage } from '../outage.js';
import { absenceOf, asStorageError, isStale } from '../storage-error.js';
import { mysqlOptions } from './mysql.js';
import { dial, MysqlConnections } from './mysql-connections.js';

const PROBE_INTERVAL_MS = 500;
/**
 * A waiting caller gets its answer within three seconds. Probes are counted instead of time, so that a blocked event
 * loop is not mistaken for a silent database.
 */
const MAX_MISSED_PROBES = 4;
/** A round trip of a second leaves no time for the several that a request needs. */
const MAX_PROMPT_PROBES = 1;
const CONNECT_PROBES = 6;
/** A server that resumes answers the pending attempt; a hundred abandoned attempts would make it block this host. */
const MAX_GREETING_PROBES = 60;

/**
 * Detects an unreachable MySQL server with a dedicated heartbeat connection. While the server is unreachable, every
 * connection opened through this class is cut and none is opened, so that callers fail at once and nothing queues. It
 * does not limit how long a running query may take.
 */
export class MysqlHeartbeat {
  /** The pools' connections; they are stopped and resumed together. */
  readonly connections: MysqlConnections;
  private readonly timer: NodeJS.Timeout;
  private probe: Connection | undefined;
  private probeSocket: Socket | undefined;
  private greeted = false;
  private asked = false;
  private missedProbes = 0;
  private probeBudget = CONNECT_PROBES;
  private stopped = false;
  /** Whether the server answers, but too slowly to serve requests. */
  private slow = false;
  private suspectsConnecting = false;

  constructor(
    private readonly settings: MysqlSettings,
    private readonly outage: Pick<Outage, 'detected' | 'succeeded'>,
  ) {
    this.connections = new MysqlConnections(settings);
    // Runs after pending input was read: a pause of this process must not count as silence of the database.
    this.timer = setInterval(() => setImmediate(() => this.tick()), PROBE_INTERVAL_MS).unref();
    this.tick();
  }

  /** Fails fast while the database is unreachable, before any work is queued. */
  assertReachable(): void {
    if (this.stopped || this.slow) throw new TemporarilyUnavailable(unanswered());
  }

  /** Like `asStorageError`, and closes the idle connections if the error shows that they lead to the wrong server. */
  storageError(error: unknown): unknown {
    const failure = asStorageError(error);
    if (absenceOf(failure) !== undefined) this.suspectsConnecting = true;
    if (isStale(failure)) this.connections.dropIdle();
    return failure;
  }

  /**
   * Opens a new connection if anything has failed since the last check; open connections do not show whether new ones
   * are accepted.
   */
  async assertConnectable(): Promise<void> {
    if (!this.suspectsConnecting) return;
    this.suspectsConnecting = false;
    try {
      const connection = await connectOnce({ ...mysqlOptions(this.settings), stream: this.connections.open });
      connection.destroy();
    } catch (error) {
      throw this.storageError(error);
    }
  }

  close(): void {
    clearInterval(this.timer);
    this.connections.close();
    this.closeProbe();
  }

  private tick(): void {
    if (!this.probe) this.dialProbe();
    else if (this.asked) this.countMissedProbe();
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
    this.missedProbes = 0;
    const stream = () => {
      this.probeSocket = dial(this.settings).unref();
      return this.probeSocket;
    };
    const probe = createConnection({ ...mysqlOptions(this.settings), connectTimeout: 0, stream });
    this.probe = probe;
    probe.once('connect', () => {
      if (probe !== this.probe) return;
      this.greeted = true;
      this.probeBudget = CONNECT_PROBES;
      this.answered();
    });
    const lost = (code?: string) => {
      if (probe !== this.probe) return;
      // If an established connection ended, a new one is tried before the outage is reported.
      if (!this.greeted) this.outage.detected(this, code ?? 'PROTOCOL_CONNECTION_LOST');
      this.lose();
    };
    probe.on('error', ({ code }: { code?: string }) => lost(code));
    probe.once('end', () => lost());
  }

  private answered(): void {
    this.slow = this.missedProbes > MAX_PROMPT_PROBES;
    this.asked = false;
    this.missedProbes = 0;
    this.stopped = false;
    this.connections.resume();
    if (!this.slow) this.outage.succeeded(this);
  }

  /**
   * A refused connection is not silence: other connections are refused just as fast, and the next probe dials again.
   */
  private lose(): void {
    this.closeProbe();
    this.asked = false;
  }

  private countMissedProbe(): void {
    this.missedProbes++;
    if (this.greeted && this.missedProbes > MAX_PROMPT_PROBES) this.suspend();
    if (this.missedProbes < this.maxMissedProbes()) return;
    if (!this.greeted) this.probeBudget = Math.min(this.probeBudget * 2, MAX_GREETING_PROBES);
    if (!this.stopped) this.cutAll();
    this.closeProbe();
    this.dialProbe();
  }

  private suspend(): void {
    this.slow = true;
    this.outage.detected(this, 'ETIMEDOUT');
  }

  private maxMissedProbes(): number {
    if (this.greeted) return MAX_MISSED_PROBES;
    return this.probeSocket?.connecting ? CONNECT_PROBES : this.probeBudget;
  }

  private cutAll(): void {
    this.stopped = true;
    this.outage.detected(this, 'ETIMEDOUT');
    this.connections.cutAll();
  }

  private closeProbe(): void {
    this.probe = undefined;
    this.probeSocket?.destroy();
  }
}

const unanswered = () =>
  Object.assign(new Error('the database does not answer'), { code: 'ETIMEDOUT', syscall: 'read' });
