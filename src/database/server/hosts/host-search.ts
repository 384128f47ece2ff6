import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerSettings } from '../../../config/settings.js';
import { type Examine, examineInTime } from './examine.js';
import { NoUsableHost } from './no-usable-host.js';
import { fitnessOf, type ServerState } from './server-state.js';

/** How long a host is waited for before the next one is tried as well; longer at a start, when no request waits. */
const HEAD_START_MS = 250;
const START_HEAD_START_MS = 1000;
/** A host that failed is set aside for this long, at first and at most. */
const MIN_PAUSE_MS = 250;
const MAX_PAUSE_MS = 1000;
const MIN_ANSWER_MS = 1000;
/** A server that resumes answers the pending attempt; a hundred abandoned attempts would make it block this host. */
const MAX_ANSWER_MS = 30_000;

export interface FoundHost {
  server: ServerSettings;
  state: ServerState;
}

export interface SearchOptions {
  examineOf: (server: ServerSettings) => Examine;
  /** Fails when each host has failed, instead of going on. */
  once?: boolean;
  /** Called at the first failure of a host, with its error or its state. */
  setAside?: (server: ServerSettings, fault: unknown) => void;
}

/** Tries hosts in order until one is usable; each one that fails is tried again after a pause. */
export class HostSearch {
  readonly found: Promise<FoundHost>;
  private readonly faults = new Map<ServerSettings, unknown>();
  private readonly ended = new AbortController();
  private spare: FoundHost | undefined;
  private resolve: (found: FoundHost) => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;

  constructor(
    private readonly servers: readonly ServerSettings[],
    private readonly options: SearchOptions,
  ) {
    this.found = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    const headStartMs = options.once ? START_HEAD_START_MS : HEAD_START_MS;
    let earlier: Promise<void> = Promise.resolve();
    servers.forEach((server, place) => {
      const turn = Promise.race([earlier, this.pause(headStartMs * place)]);
      const tried = turn.then(() => this.attempt(server, MIN_ANSWER_MS));
      void tried.then(() => this.repeat(server));
      earlier = Promise.all([earlier, tried]).then(() => undefined);
    });
  }

  stop(): void {
    this.ended.abort();
  }

  private async repeat(server: ServerSettings): Promise<void> {
    let pauseMs = MIN_PAUSE_MS;
    let maxMs = MIN_ANSWER_MS;
    while (!this.options.once) {
      await this.pause(pauseMs);
      if (this.ended.signal.aborted) return;
      const began = performance.now();
      await this.attempt(server, maxMs);
      if (performance.now() - began >= maxMs) maxMs = Math.min(2 * maxMs, MAX_ANSWER_MS);
      pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
    }
  }

  /** Returns when the host has failed. */
  private async attempt(server: ServerSettings, maxMs: number): Promise<void> {
    const { signal } = this.ended;
    if (signal.aborted) return;
    try {
      const state = await examineInTime(server, this.options.examineOf(server), { maxMs, signal });
      const fitness = fitnessOf(state);
      if (fitness === 'fit') return this.end({ server, state });
      if (fitness === 'spare') this.spare ??= { server, state };
      this.failed(server, state);
    } catch (error) {
      this.failed(server, error);
    }
  }

  private failed(server: ServerSettings, fault: unknown): void {
    if (this.ended.signal.aborted) return;
    if (!this.faults.has(server)) this.options.setAside?.(server, fault);
    this.faults.set(server, fault);
    if (this.faults.size < this.servers.length) return;
    if (this.spare) this.end(this.spare);
    else if (this.options.once) this.reject(new NoUsableHost(this.faults));
  }

  private end(found: FoundHost): void {
    if (this.ended.signal.aborted) return;
    this.stop();
    this.resolve(found);
  }

  private pause(milliseconds: number): Promise<void> {
    return sleep(milliseconds, undefined, { signal: this.ended.signal }).catch(() => undefined);
  }
}
