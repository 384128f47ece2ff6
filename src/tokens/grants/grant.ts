import type { Client } from '../../clients/client.js';
import type { GrantType } from '../../protocol/grant-type.js';
import type { TokenRequest } from '../../protocol/token-request.js';
import type { Resource } from '../../resources/resource.js';
import type { Session } from '../../sessions/session.js';
import type { Dialect } from '../dialects/dialect.js';

/** The session whose refresh token is used up by a grant, and the first session of its family. */
export interface Continued {
  used: Session;
  first: Session;
  retried: boolean;
  mayRetry: boolean;
}

/** What a grant comes to: for whom, for what, and what the token is measured by. */
export interface Authorization {
  audience: string[];
  audienceAsked: boolean;
  scope: string[] | null;
  rejected: string[];
  /** The resources whose settings apply to the token. */
  resources: readonly Resource[];
  issuer: string;
  continues?: Continued;
}

/** One grant_type; what all grants share stands in the token service, so that none can forget it. */
export interface Grant {
  readonly type: GrantType;
  /** Throws unauthorized_client, or unsupported_grant_type where the dialect does not support this grant. */
  permit(client: Client, dialect: Dialect): void;
  authorize(client: Client, request: TokenRequest, dialect: Dialect): Promise<Authorization>;
}
