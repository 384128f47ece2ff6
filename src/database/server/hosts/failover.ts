import type { ServerSettings } from '../../../config/settings.js';
import type { Outage } from '../../outage.js';
import { codeOfError, keepsConnections } from '../../storage-error.js';
import { placeOf } from '../setting-error.js';
import { type Examine, examineInTime } from './examine.js';
import { type FoundHost, HostSearch } from './host-search.js';
import type { Hosts } from './hosts.js';
import { describeFault } from './no-usable-host.js';
import { fitnessOf, type ServerState } from './server-state.js';

const MAX_VERIFICATION_MS = 1000;

/** New connections fail, and open ones have failed or are about to. */
const IS_GONE =
  /^(E(CONN(REFUSED|RESET|ABORTED)|PIPE|HOST(UNREACH|DOWN)|NET(UNREACH|DOWN))|\w+_CONNECTION_LOST|57P0\d)$/;

export interface FailoverEvents {
  /** The host in use has become unusable: its connections must end. */
  left(reason: string): void;
  /** A usable host is in use. */
  arrived(): void;
}

/** Moves a process to another host of its database. It does nothing if there is one host only. */
export class Failover {
  private search: HostSearch | undefined;
  private away = false;
  private verifying = false;
  private readonly examineOf: (server: ServerSettings) => Examine;

  constructor(
    private readonly hosts: Hosts,
    examineOf: (server: ServerSettings) => Examine,
    private readonly events: FailoverEvents,
    private readonly log: Pick<Outage, 'hostChanged' | 'hostSetAside'>,
  ) {
    this.examineOf = (server) => async (stream, patient) =>
      hosts.judge(await examineOf(server)(stream, patient));
  }

  /** Whether no host is in use. */
  get isAway(): boolean {
    return this.away;
  }

  /** The state that the current host reports. */
  reported(state: ServerState): void {
    const fitness = fitnessOf(state);
    if (fitness === 'unfit') this.leave(state.role);
    else if (fitness === 'spare') this.lookAround();
    else this.stay();
  }

  /** Ends the use of the host, and tries all hosts, this one last, until one is usable. */
  leave(reason: string): void {
    if (!this.hosts.areSeveral || this.away) return;
    const { others, current } = this.hosts;
    this.away = true;
    this.search?.stop();
    this.log.hostSetAside({ host: placeOf(current), reason });
    this.events.left(reason);
    this.begin([...others, current]);
  }

  /** Keeps the host until another one is usable. */
  lookAround(): void {
    if (this.hosts.areSeveral && !this.search) this.begin(this.hosts.others);
  }

  /** The host in use is usable. */
  stay(): void {
    if (this.away) return;
    this.search?.stop();
    this.search = undefined;
  }

  /** Leaves the host if a new connection shows that it is unusable. */
  verify(): void {
    if (!this.hosts.areSeveral || this.away || this.verifying) return;
    this.verifying = true;
    const { current } = this.hosts;
    examineInTime(current, this.examineOf(current), { maxMs: MAX_VERIFICATION_MS })
      .then(
        (state) => this.hosts.current === current && this.reported(state),
        (error) => this.hosts.current === current && this.cannotConnect(error),
      )
      .finally(() => {
        this.verifying = false;
      });
  }

  close(): void {
    this.search?.stop();
  }

  private cannotConnect(error: unknown): void {
    const code = codeOfError(error);
    if (IS_GONE.test(code) && !keepsConnections(error)) this.leave(code);
    else this.lookAround();
  }

  private begin(servers: readonly ServerSettings[]): void {
    const setAside = (server: ServerSettings, fault: unknown) => {
      if (server !== this.hosts.current) this.log.hostSetAside(describeFault(server, fault));
    };
    this.search = new HostSearch(servers, { examineOf: this.examineOf, setAside });
    void this.search.found.then((found) => this.move(found));
  }

  private move({ server, state }: FoundHost): void {
    const before = this.hosts.current;
    // Only what others found usable is better than a host that is still in use.
    if (!this.away && fitnessOf(state) !== 'fit') {
      this.stay();
      return;
    }
    this.search = undefined;
    this.away = false;
    this.hosts.use(server, state);
    if (server !== before) {
      const { version, role } = state;
      this.log.hostChanged({ from: placeOf(before), host: placeOf(server), version, role });
    }
    this.events.arrived();
  }
}
