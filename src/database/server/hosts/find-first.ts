import type { ServerSettings } from '../../../config/settings.js';
import type { Location, SetAside } from '../../engine/location.js';
import { placeOf } from '../setting-error.js';
import { type Examine, examineInTime } from './examine.js';
import { type FoundHost, HostSearch } from './host-search.js';
import type { Hosts } from './hosts.js';
import { describeFault } from './no-usable-host.js';
import { fitnessOf } from './server-state.js';

/** A server that accepts a connection and then stays silent is given up. */
const MAX_ANSWER_MS = 3000;

const MAX_COMPARISON_MS = 1000;

/**
 * Uses the first host that is usable, or the one that was promoted last if several are. A single host is used in any
 * state.
 */
export async function findFirst(
  hosts: Hosts,
  examineOf: (server: ServerSettings) => Examine,
): Promise<Location> {
  const { current } = hosts;
  if (!hosts.areSeveral) {
    const state = await examineInTime(current, examineOf(current), { maxMs: MAX_ANSWER_MS });
    return locationOf({ server: current, state }, []);
  }
  const setAside: SetAside[] = [];
  const first = await new HostSearch(hosts.all, {
    examineOf,
    once: true,
    setAside: (failed, fault) => setAside.push(describeFault(failed, fault)),
  }).found;
  const latest = first.state.timeline === undefined ? first : await latestOf(first, hosts, examineOf);
  hosts.use(latest.server, latest.state);
  if (latest !== first) setAside.push(describeFault(first.server, hosts.judge(first.state)));
  return locationOf(latest, setAside);
}

/** Two primaries exist while a former one has not noticed that it was replaced. */
async function latestOf(
  first: FoundHost,
  hosts: Hosts,
  examineOf: (server: ServerSettings) => Examine,
): Promise<FoundHost> {
  const others = hosts.all.filter((server) => server !== first.server);
  const examined = await Promise.allSettled(
    others.map(async (server) => ({
      server,
      state: await examineInTime(server, examineOf(server), { maxMs: MAX_COMPARISON_MS }),
    })),
  );
  return examined
    .flatMap((one) => (one.status === 'fulfilled' && fitnessOf(one.value.state) === 'fit' ? [one.value] : []))
    .reduce((latest, one) => (timelineOf(one) > timelineOf(latest) ? one : latest), first);
}

const timelineOf = ({ state }: FoundHost): number => state.timeline ?? 0;

const locationOf = (
  { server, state: { version, role } }: FoundHost,
  setAside: readonly SetAside[],
): Location => ({ host: placeOf(server), version, role, setAside });
