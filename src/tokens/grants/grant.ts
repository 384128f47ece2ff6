import type { Client } from '../../clients/client.js';
import type { CompiledPolicies } from '../../policies/compiled-policies.js';
import type { GrantType } from '../../protocol/grant-type.js';
import type { TokenRequest } from '../../protocol/messages/token-request.js';
import type { Catalog } from '../../resources/catalog.js';
import type { Resource } from '../../resources/resource.js';
import type { Session } from '../../sessions/session.js';
import type { Dialect } from '../dialects/dialect.js';
import type { AddedClaims } from '../token-claims.js';

/** The configuration that decides on a request: the stored one, or one that is only proposed. */
export interface GrantBasis {
  catalog: Catalog;
  policies: CompiledPolicies;
}

/** The session whose refresh token a grant uses, and the first session of its family. */
export interface Continued {
  used: Session;
  first: Session;
  retried: boolean;
  mayRetry: boolean;
}

/** The outcome of a grant: audience, scope, and the resources that set the properties of the token. */
export interface Authorization {
  audience: string[];
  audienceAsked: boolean;
  scope: string[] | null;
  rejected: string[];
  /** By which it was decided. */
  catalog: Catalog;
  /** The resources whose settings apply to the token. */
  resources: readonly Resource[];
  issuer: string;
  /** The claims that the client and the audiences add to the token. */
  added: AddedClaims | undefined;
  continues?: Continued;
}

/** One grant_type. What all grants share is in TokenService, so that no grant can omit it. */
export interface Grant {
  readonly type: GrantType;
  /** Throws unauthorized_client, or unsupported_grant_type where the dialect does not support this grant. */
  permit(client: Client, dialect: Dialect): void;
  authorize(client: Client, request: TokenRequest, dialect: Dialect): Promise<Authorization>;
}
