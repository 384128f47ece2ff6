/**
 * `primary`: accepts writes. `synced`: so does this node of a cluster. `donor`: a node that others copy from, or that
 * was desynchronised; it still commits with the cluster, but lags. `outdated`: a primary after which another server was
 * promoted.
 */
export type ServerRole =
  | 'primary'
  | 'synced'
  | 'donor'
  | 'joining'
  | 'non-Primary'
  | 'standby'
  | 'read-only'
  | 'outdated';

/** The state that a server reports. */
export interface ServerState {
  /** For people, as in `PostgreSQL 17.6`. */
  version: string;
  role: ServerRole;
  /** Higher with each promotion, where the engine counts them. */
  timeline?: number | undefined;
}

/** A spare host is used while no fit one is found. */
export type Fitness = 'fit' | 'spare' | 'unfit';

export function fitnessOf({ role }: ServerState): Fitness {
  if (role === 'primary' || role === 'synced') return 'fit';
  return role === 'donor' ? 'spare' : 'unfit';
}
