import type { Socket } from 'node:net';
import type { ServerSettings } from '../../config/settings.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import { Heartbeat } from '../engine/heartbeat.js';
import type { Outage } from '../outage.js';
import { absenceOf, asStorageError, isStale } from '../storage-error.js';
import { ConnectionGuard } from './connection-guard.js';
import { unanswered } from './dial.js';
import { Failover } from './hosts/failover.js';
import type { Hosts } from './hosts/hosts.js';
import type { ServerState } from './hosts/server-state.js';
import type { HeartbeatDriver, Probe } from './probe.js';

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
 * Detects an unreachable database server with a dedicated heartbeat connection. While the server is unreachable, every
 * connection opened through this class is cut and none is opened, so that callers fail at once and nothing queues. It
 * does not limit how long a running query may take.
 */
export class ServerHeartbeat extends Heartbeat {
  /** The pools' connections; they are stopped and resumed together. */
  readonly connections: ConnectionGuard;
  private readonly failover: Failover;
  private readonly timer: NodeJS.Timeout;
  private probe: Probe | undefined;
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
    private readonly hosts: Hosts,
    private readonly outage: Pick<Outage, 'detected' | 'succeeded' | 'hostChanged' | 'hostSetAside'>,
    private readonly driverOf: (server: ServerSettings) => HeartbeatDriver,
  ) {
    super();
    this.connections = new ConnectionGuard(hosts);
    const events = { left: (reason: string) => this.left(reason), arrived: () => this.arrived() };
    this.failover = new Failover(hosts, (server) => driverOf(server).examine, events, outage);
    // Runs after pending input was read: a pause of this process must not count as silence of the database.
    this.timer = setInterval(() => setImmediate(() => this.tick()), PROBE_INTERVAL_MS).unref();
    this.tick();
  }

  assertReachable(): void {
    if (this.stopped || this.slow) throw new TemporarilyUnavailable(unanswered());
  }

  storageError(error: unknown): unknown {
    const failure = asStorageError(error);
    if (absenceOf(failure) !== undefined) {
      this.suspectsConnecting = true;
      this.failover.verify();
    }
    if (isStale(failure)) this.connections.dropIdle();
    return failure;
  }

  async assertConnectable(): Promise<void> {
    if (!this.suspectsConnecting) return;
    this.suspectsConnecting = false;
    try {
      await this.driverOf(this.hosts.current).examine(this.connections.open);
    } catch (error) {
      throw this.storageError(error);
    }
  }

  get moves(): number {
    return this.hosts.moves;
  }

  close(): void {
    clearInterval(this.timer);
    this.failover.close();
    this.connections.close();
    this.closeProbe();
  }

  private tick(): void {
    if (this.failover.isAway) return;
    if (!this.probe) this.dialProbe();
    else if (this.asked) this.countMissedProbe();
    else this.ask(this.probe);
  }

  private ask(probe: Probe): void {
    this.asked = true;
    probe.ping((usable, state) => {
      if (probe !== this.probe) return;
      if (usable) this.answered(state);
      else this.lose();
    });
  }

  private dialProbe(): void {
    this.greeted = false;
    this.asked = true;
    this.missedProbes = 0;
    const stream = () => {
      this.probeSocket = this.hosts.dial().unref();
      return this.probeSocket;
    };
    const driver = this.driverOf(this.hosts.current);
    const connected = () => {
      if (probe !== this.probe) return;
      this.greeted = true;
      this.probeBudget = CONNECT_PROBES;
      this.answered();
    };
    const lost = (code = driver.lostCode) => {
      if (probe !== this.probe) return;
      // If an established connection ended, a new one is tried before the outage is reported.
      if (!this.greeted) this.outage.detected(this, code);
      this.lose();
    };
    const probe = driver.openProbe(stream, { connected, lost }, this.hosts.areSeveral);
    this.probe = probe;
  }

  private answered(state?: ServerState): void {
    if (state) this.failover.reported(state);
    if (this.failover.isAway) return;
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
    this.failover.verify();
  }

  private countMissedProbe(): void {
    this.missedProbes++;
    if (this.greeted && this.missedProbes > MAX_PROMPT_PROBES) this.suspend();
    if (this.missedProbes < this.maxMissedProbes()) return;
    if (!this.greeted) this.probeBudget = Math.min(this.probeBudget * 2, MAX_GREETING_PROBES);
    if (!this.stopped) this.cutAll();
    this.closeProbe();
    if (!this.failover.isAway) this.dialProbe();
  }

  private suspend(): void {
    this.slow = true;
    this.outage.detected(this, 'ETIMEDOUT');
    this.failover.lookAround();
  }

  private maxMissedProbes(): number {
    if (this.greeted) return MAX_MISSED_PROBES;
    return this.probeSocket?.connecting ? CONNECT_PROBES : this.probeBudget;
  }

  private cutAll(): void {
    this.stopped = true;
    this.outage.detected(this, 'ETIMEDOUT');
    this.connections.cutAll();
    this.failover.leave('ETIMEDOUT');
  }

  private left(reason: string): void {
    this.stopped = true;
    this.outage.detected(this, reason);
    this.connections.cutAll();
    this.closeProbe();
  }

  private arrived(): void {
    this.connections.cutAll();
    this.connections.resume();
    this.stopped = false;
    this.slow = false;
    this.closeProbe();
    this.dialProbe();
  }

  private closeProbe(): void {
    this.probe = undefined;
    this.probeSocket?.destroy();
  }
}
