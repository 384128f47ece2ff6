/** The documents of the administration API, as far as the pages read them. */
export interface Reference {
  resourceType: string;
  id: string;
}

export interface ServerDocument {
  resourceType: string;
  id: string;
  meta: { versionId: string; createdAt: string; lastUpdated: string };
}

export interface SecretRecord {
  id: string;
  description?: string;
  created: string;
  end?: string;
  last_used?: string;
}

/** When and from where a credential last authenticated; the first member identifies it. */
export interface LastUse {
  secret?: string;
  time: string;
  address?: string;
  user_agent?: string;
}

export interface ClientDocument extends ServerDocument {
  name?: string;
  description?: string;
  owner?: string;
  labels?: Record<string, string>;
  active: boolean;
  expires_at?: string;
  grant_types: string[];
  token_endpoint_auth_method?: string;
  secrets?: SecretRecord[];
  last_uses?: LastUse[];
  jwks?: { keys: { kid?: string; kty?: string }[] };
  jwks_uri?: string;
  federated?: { issuer: string; subject?: string; claims?: Record<string, unknown> }[];
  auth?: {
    client_credentials?: { token_format?: string; audience?: string[]; access_token_expiration?: number };
  };
}

export interface ResourceDocument extends ServerDocument {
  name?: string;
  description?: string;
  audience?: string;
  uri?: string;
  public?: boolean;
  operations?: { name: string; description?: string }[];
  introspection_clients?: Reference[];
}

export interface PolicyRule {
  effect: 'allow' | 'deny';
  resource: string;
  identifier: string;
  operations: string[];
}

export interface PolicyDocument extends ServerDocument {
  description?: string;
  engine: 'allow' | 'rules';
  link?: Reference[];
  everyone?: boolean;
  rules?: PolicyRule[];
}

export interface IssuerDocument extends ServerDocument {
  name?: string;
  issuer: string;
  jwks?: unknown;
  jwks_uri?: string;
  algs?: string[];
  shared?: boolean;
  pins?: string[];
  replay?: string;
  max_lifetime_seconds?: number;
  admits?: { subject?: string; template: string }[];
}

export interface SessionDocument extends ServerDocument {
  client: Reference;
  type: string;
  active: boolean;
  workload?: string;
  scope?: string[];
  audience?: string[];
  token_format: string;
  start: string;
  end: string;
}

export interface AuditDocument extends ServerDocument {
  date: string;
  action: string;
  outcome: 'success' | 'failure';
  client?: Reference;
  agent?: { client?: Reference; address?: string };
  target?: Reference;
  detail?: Record<string, unknown>;
  sequence: number;
  previous_hash: string;
  hash: string;
}

export interface KeyDocument extends ServerDocument {
  alg: string;
  state: 'announced' | 'current' | 'retired';
  signs_from?: string;
  jwk: Record<string, unknown>;
}

export interface Bundle<T> {
  total?: number;
  entry?: { resource: T }[];
  link: { relation: string; url: string }[];
}

export const rowsOf = <T>(bundle: Bundle<T>): T[] => (bundle.entry ?? []).map(({ resource }) => resource);

/** The position of the next page, from the link that the server gave. */
export function nextOf({ link }: Bundle<unknown>): string | undefined {
  const next = link.find(({ relation }) => relation === 'next');
  return next === undefined
    ? undefined
    : (new URL(next.url, location.origin).searchParams.get('_after') ?? undefined);
}
