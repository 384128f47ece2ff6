import type { LastUse, Reference } from '../../../api/documents.ts';

export interface ReachedResource {
  resource: string;
  audience: string;
  operations: { name: string; identifiers: string[]; some_denied?: boolean }[];
}

export interface Sharer {
  client: Reference;
  shares: string[];
}

/** The last use of any credential: of a secret, a key or a federated rule. */
export interface CredentialUse extends LastUse {
  kid?: string;
  rule?: { issuer: string; subject?: string };
}

/** The answer of `$blast-radius`. */
export interface BlastRadius {
  opens: boolean;
  reason?: string;
  permissions: ReachedResource[];
  more_permissions: boolean;
  introspects: string[];
  tokens: { live: number; more: boolean; jwts_end?: string };
  last_uses: CredentialUse[];
  /** Only for callers that may read every client. */
  shared_with?: Sharer[];
  more_shared_with?: boolean;
}
