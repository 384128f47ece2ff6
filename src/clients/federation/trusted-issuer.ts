import type { AssertionAlg } from '../../protocol/client-assertion.js';
import type { PublicKeySet } from '../private-key-jwt/keys/public-key.js';

/** `once`: an assertion is accepted a single time; `reuse`: until it expires. */
export const REPLAYS = ['once', 'reuse'] as const;

export type Replay = (typeof REPLAYS)[number];

/** An issuer outside this server whose tokens may authenticate clients. */
export interface TrustedIssuer {
  id: string;
  version: number;
  createdAt: number;
  updatedAt: number;
  name: string | null;
  description: string | null;
  /** The `iss` of its tokens, or a SPIFFE trust domain (`spiffe://…`), which the `sub` of its tokens begins with. */
  issuer: string;
  /** Its keys by value or by URL; neither: by discovery. */
  jwks: PublicKeySet | null;
  jwksUri: string | null;
  /** Certificates of the only authorities that may sign the certificate of its key server, in PEM. */
  ca: string | null;
  /** null: every supported algorithm. */
  algs: AssertionAlg[] | null;
  /** The accepted values of `aud`; null: the issuer of the dialect. */
  audiences: string[] | null;
  maxLifetimeSeconds: number | null;
  replay: Replay;
  /** Whether it serves strangers as well, so that every rule must fix one of the claims in `pins`. */
  shared: boolean;
  pins: string[];
  /** Workloads that get tokens without a client of their own; the first that fits decides. null: none. */
  admits: Admission[] | null;
}

/** Workloads that are admitted, and the client whose policies and settings their tokens have. */
export interface Admission extends TokenDemand {
  /** The id of a client. */
  template: string;
}

/** The requirements for a token. */
export interface TokenDemand {
  /** Exact, or with `*` and `**`. */
  subject: string;
  /** By name or JSON Pointer; a list names alternatives. */
  claims: Readonly<Record<string, ClaimValue | readonly ClaimValue[]>>;
}

/** A claim of an assertion as a rule demands it. */
export type ClaimValue = string | number | boolean;

/** Which tokens of a trusted issuer may act as a client. */
export interface FederatedRule extends TokenDemand {
  /** As written: the id of the TrustedIssuer, or its `issuer`. */
  issuer: string;
  /** The id of the TrustedIssuer. */
  issuerId: string;
}

/** The identity of a verified assertion, for the session, the audit and introspection. Never the assertion itself. */
export interface AssertionIdentity {
  iss: string;
  sub: string;
  jti?: string;
}

export const isSpiffe = (issuer: string): boolean => issuer.startsWith('spiffe://');
