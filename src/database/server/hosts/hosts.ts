import type { Socket } from 'node:net';
import type { ServerSettings } from '../../../config/settings.js';
import { dial } from '../dial.js';
import type { ServerState } from './server-state.js';

/** The hosts of a database, and the one in use, to which all connections of this process lead. */
export class Hosts {
  /** In order of preference. */
  readonly all: readonly ServerSettings[];
  private used: ServerSettings;
  private arrivals = 0;
  private latestTimeline = 0;

  constructor(settings: ServerSettings) {
    this.all = [settings, ...settings.otherHosts.map((address) => ({ ...settings, ...address }))];
    this.used = settings;
  }

  get current(): ServerSettings {
    return this.used;
  }

  /** All hosts but the one in use. */
  get others(): ServerSettings[] {
    return this.all.filter((server) => server !== this.used);
  }

  get areSeveral(): boolean {
    return this.all.length > 1;
  }

  /** How often the process has moved to a host. */
  get moves(): number {
    return this.arrivals;
  }

  use(server: ServerSettings, { timeline = 0 }: ServerState): void {
    this.used = server;
    this.arrivals++;
    this.latestTimeline = Math.max(this.latestTimeline, timeline);
  }

  /** The state of a server that has just been examined, compared with those used before. */
  judge(state: ServerState): ServerState {
    const { timeline = this.latestTimeline } = state;
    return timeline < this.latestTimeline ? { ...state, role: 'outdated' } : state;
  }

  readonly dial = (): Socket => dial(this.used);
}
