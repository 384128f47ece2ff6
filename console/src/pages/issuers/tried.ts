/** A part of a rule, compared with the token. */
export interface Compared {
  demanded: unknown;
  found?: unknown;
  fits: boolean;
  reason?: string;
}

/** The narrowest rule that the token fits; without `rule` the warnings say why there is none. */
export interface Proposal {
  rule?: { issuer: string; subject: string; claims?: Record<string, unknown> };
  /** The body of a `PATCH` that adds it, for a named client. */
  patch?: { federated: object[] };
  warnings: string[];
}

/** The answer of `$try`. */
export interface Tried {
  accepted: boolean;
  reasons?: string[];
  clients?: {
    client: { id: string };
    rules: {
      rule: number;
      fits: boolean;
      subject?: Compared;
      claims?: (Compared & { claim: string })[];
      warnings: string[];
    }[];
  }[];
  proposal?: Proposal;
  warnings?: string[];
}

export const TRY_PATH = '/TrustedIssuer/$try';
