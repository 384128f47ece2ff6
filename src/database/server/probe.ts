import type { Socket } from 'node:net';
import type { Examine } from './hosts/examine.js';
import type { ServerState } from './hosts/server-state.js';

/** A connection that only probes whether the server responds. */
export interface Probe {
  /** Calls back with whether the connection is still usable, and with the server's state if the probe examines it. */
  ping(answered: (usable: boolean, state?: ServerState) => void): void;
}

export interface ProbeEvents {
  connected(): void;
  /** With the code of the error, if there was one. */
  lost(code?: string): void;
}

/** The driver's part of the heartbeat. */
export interface HeartbeatDriver {
  /** Must call back asynchronously. It waits for the server as long as its socket is open. */
  openProbe(stream: () => Socket, events: ProbeEvents, examines: boolean): Probe;
  examine: Examine;
  /** The code of a connection that ended without an error. */
  readonly lostCode: string;
}
