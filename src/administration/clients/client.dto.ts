import { SIGNING_ALGS, type SigningAlg } from '../../../packages/protocol/src/signing-alg.js';
import { TOKEN_FORMATS, type TokenFormat } from '../../../packages/protocol/src/token-format.js';
import { importedHashFault } from '../../crypto/imported-hash.js';
import type { Claims } from '../../protocol/claims.js';
import { ASSERTION_AUDIENCES, type AssertionAudience } from '../../protocol/client-assertion.js';
import { CLIENT_AUTH_METHODS, type ClientAuthMethod } from '../../protocol/client-auth-method.js';
import {
  CLIENT_GRANT_TYPES,
  type ClientGrantType,
  TOKEN_PROFILES,
  type TokenProfile,
} from '../../protocol/grant-type.js';
import { storableAudience } from '../documents/audience.faults.js';
import { dateTime } from '../documents/date-time.js';
import {
  AnyJson,
  type Check,
  description,
  flag,
  Is,
  ListOf,
  MAX_SECONDS,
  Nested,
  NestedList,
  Optional,
  oneOf,
  text,
  Unchecked,
  wholeNumber,
} from '../documents/member-checks.js';
import { WrittenMembers } from '../documents/written.dto.js';
import { FederatedRuleMembers, MAX_RULES } from './federated-rule.dto.js';
import { lastUses } from './last-uses.js';

const MAX_REFRESH_SECONDS = 90 * 24 * 60 * 60;
const MAX_GRACE_SECONDS = 300;
const MAX_TOKENS = 2_147_483_647;
const MAX_AUDIENCES = 100;

/** Control characters are rejected in all text of a body; a secret with one is rejected before it is hashed. */
const secret: Check = (value, owner) => (value === null ? undefined : text(8, 255)(value, owner));

const secretHash: Check = (value) => importedHashFault(typeof value === 'string' ? value : '');

/** Searches compare it as a whole, and MySQL ignores spaces at the end. */
const owner: Check = (value, of) => {
  if (typeof value === 'string' && value !== value.trim()) return 'must not begin or end with a space';
  return text(1, 255)(value, of);
};

/** The settings of a client's tokens. */
export class ClientCredentialsMembers {
  @Optional()
  @Is(oneOf(TOKEN_FORMATS))
  token_format?: TokenFormat;

  @Optional()
  @Is(wholeNumber(1, MAX_SECONDS))
  access_token_expiration?: number;

  /** Aidbox's older name of access_token_expiration. */
  @Optional()
  @Is((value, owner) => {
    const { access_token_expiration: same = value } = owner as ClientCredentialsMembers;
    return value === same
      ? wholeNumber(1, MAX_SECONDS)(value, owner)
      : 'differs from access_token_expiration';
  })
  token_expiration?: number;

  @Optional()
  @Is(flag)
  refresh_token?: boolean;

  @Optional()
  @Is(wholeNumber(1, MAX_REFRESH_SECONDS))
  refresh_token_expiration?: number;

  @Optional()
  @Is(wholeNumber(0, MAX_GRACE_SECONDS))
  refresh_token_reuse_grace?: number;

  @Optional()
  @ListOf(storableAudience, { most: MAX_AUDIENCES })
  audience?: string[];

  @Optional()
  @Is(oneOf(SIGNING_ALGS))
  signing_alg?: SigningAlg;

  @Optional()
  @Is(oneOf(TOKEN_PROFILES))
  profile?: TokenProfile;
}

/** Aidbox has one member for the settings of each grant; here there is one grant. */
export class ClientAuthMembers {
  @Optional()
  @Nested(() => ClientCredentialsMembers)
  client_credentials?: ClientCredentialsMembers;
}

const quota: Check = (value, owner) => wholeNumber(1, MAX_TOKENS)(value, owner);

/** Auth0's members, without a level for the grant: here there is one grant. */
export class TokenQuotaMembers {
  @Is((value, owner) => {
    if (value !== undefined) return quota(value, owner);
    return (owner as TokenQuotaMembers).per_day === undefined ? 'per_hour or per_day is required' : undefined;
  })
  per_hour?: number;

  @Optional()
  @Is(quota)
  per_day?: number;

  @Optional()
  @Is(flag)
  enforce?: boolean;
}

/** The members of a client in the API. */
export class ClientMembers extends WrittenMembers {
  /** Read-only; checked against the shown values. */
  @Unchecked()
  secrets?: unknown;

  /** Read-only; changes by itself, so any earlier value may be sent back. */
  @Optional()
  @Is(lastUses)
  last_uses?: unknown;

  @Optional()
  @Is(text(0, 255))
  name?: string;

  @Optional()
  @Is(description)
  description?: string;

  @Optional()
  @Is(owner)
  owner?: string;

  /** Checked by labelFaults, with the paths of its labels. */
  @Unchecked()
  labels?: Record<string, string>;

  @Optional()
  @Is(flag)
  active?: boolean;

  @Optional()
  @Is(dateTime)
  expires_at?: string;

  /** null removes all secrets. */
  @Optional()
  @Is(secret)
  secret?: string | null;

  /** Of a secret in another system; only in a document that creates the client. */
  @Optional()
  @Is(secretHash)
  secret_hash?: string;

  @Optional()
  @ListOf(oneOf(CLIENT_GRANT_TYPES), { most: 10 })
  grant_types?: ClientGrantType[];

  @Optional()
  @Is(oneOf(CLIENT_AUTH_METHODS))
  token_endpoint_auth_method?: ClientAuthMethod;

  /** Checked by clientKeyFaults, with the paths of its keys. */
  @Unchecked()
  jwks?: unknown;

  /** Checked by clientKeyFaults, since a setting decides which addresses are allowed. */
  @Unchecked()
  jwks_uri?: unknown;

  @Optional()
  @Is(oneOf(ASSERTION_AUDIENCES))
  assertion_audience?: AssertionAudience;

  @Optional()
  @NestedList(() => FederatedRuleMembers, { most: MAX_RULES })
  federated?: FederatedRuleMembers[];

  @Optional()
  @Nested(() => ClientAuthMembers)
  auth?: ClientAuthMembers;

  @Optional()
  @Nested(() => TokenQuotaMembers)
  token_quota?: TokenQuotaMembers;

  /** Checked by claimFaults, with the paths of its claims. */
  @AnyJson()
  claims?: Claims;
}

/** Whether a value is acceptable as a client secret. */
export const isSecret = (value: unknown): value is string =>
  typeof value === 'string' && secret(value, {}) === undefined && !/\p{Control}/u.test(value);

export const isSecretHash = (value: unknown): value is string => secretHash(value, {}) === undefined;
