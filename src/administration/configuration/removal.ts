import type { ConfigurationTypeName } from './configuration-audit.js';

export interface Reference {
  resourceType: ConfigurationTypeName;
  id: string;
}

/** What a deletion removes or changes besides its target. */
export interface Removal {
  deleted: Reference[];
  changed: Reference[];
}

export const NOTHING_ELSE: Removal = { deleted: [], changed: [] };
