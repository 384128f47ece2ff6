import type { Socket } from 'node:net';
import type { ServerSettings } from '../../../config/settings.js';
import { dial, unanswered } from '../dial.js';
import type { ServerState } from './server-state.js';

/** On a local network, a host that is up accepts a connection within milliseconds. */
const MAX_CONNECT_MS = 1000;

/** Opens a connection, asks the server for its state, and closes it; without a timeout of its own if it is `patient`. */
export type Examine = (stream: () => Socket, patient?: boolean) => Promise<ServerState>;

interface Limits {
  /** For the whole examination. */
  maxMs: number;
  signal?: AbortSignal;
}

/** Examines a server on a new connection. */
export function examineInTime(
  server: ServerSettings,
  examine: Examine,
  { maxMs, signal }: Limits,
): Promise<ServerState> {
  return new Promise((resolve, reject) => {
    const socket = dial(server);
    const giveUp = () => {
      reject(unanswered());
      socket.destroy();
    };
    // Input that arrived while this process was busy is read first.
    const timers = [
      setTimeout(() => setImmediate(() => socket.connecting && giveUp()), MAX_CONNECT_MS),
      setTimeout(() => setImmediate(giveUp), maxMs),
    ];
    signal?.addEventListener('abort', giveUp, { once: true });
    const end = () => {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      socket.destroy();
    };
    examine(() => socket, true)
      .finally(end)
      .then(resolve, reject);
  });
}
