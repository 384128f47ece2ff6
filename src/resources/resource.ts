import type { TokenProfile } from '../protocol/grant-type.js';
import type { SigningAlg } from '../protocol/signing-alg.js';

export interface Operation {
  name: string;
  description?: string;
}

/** What a resource asks of the tokens that are meant for it. */
export interface ResourceTokenSettings {
  accessTokenExpirationSeconds?: number;
  signingAlg?: SigningAlg;
  profile?: TokenProfile;
}

/** A registered resource (server): what can be done with it, and the audience that its tokens name. */
export interface Resource {
  id: string;
  version: number;
  createdAt: number;
  updatedAt: number;
  name: string | null;
  /** Several resources may share one; null: the server's own audience. */
  audience: string | null;
  operations: Operation[];
  introspectionClients: string[];
  token: ResourceTokenSettings;
}
