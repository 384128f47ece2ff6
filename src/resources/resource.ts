import type { SigningAlg } from '../../packages/protocol/src/signing-alg.js';
import type { Claims } from '../protocol/claims.js';
import type { ResourceProfile } from '../protocol/grant-type.js';

export interface Operation {
  name: string;
  description?: string;
}

/** The settings of a resource for its tokens. */
export interface ResourceTokenSettings {
  accessTokenExpirationSeconds?: number;
  signingAlg?: SigningAlg;
  profile?: ResourceProfile;
}

/** A registered resource server: its operations and its audience. */
export interface Resource {
  id: string;
  version: number;
  createdAt: number;
  updatedAt: number;
  name: string | null;
  description?: string | null;
  /** Several resources may share one; null: the server's own audience. */
  audience: string | null;
  /** Where it is reached (RFC 9728 1.2); requests may name it instead of the audience. */
  uri?: string | null;
  /** Whether its metadata lists its name and operations. */
  isPublic?: boolean;
  operations: Operation[];
  introspectionClients: string[];
  token: ResourceTokenSettings;
  /** Of all tokens for its audience. */
  claims?: Claims | null;
}

/** Under this name a transaction remembers all resources until it writes one. */
export const CATALOG = 'catalog';
