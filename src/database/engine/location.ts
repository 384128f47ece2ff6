/** The database that a process is connected to, for its log. */
export interface Location {
  /** Without user and password. */
  host: string;
  version: string;
  role: string;
  /** Hosts of the list that are not usable. */
  setAside: readonly SetAside[];
}

/** A host that is not used until it is usable again. */
export interface SetAside {
  host: string;
  reason: string;
}
