import { ALL } from '../../../packages/protocol/src/scope-item.js';
import { SIGNING_ALGS, type SigningAlg } from '../../../packages/protocol/src/signing-alg.js';
import { isOpenHttp, PLAIN_HTTP_URI } from '../../config/issuer-settings.js';
import type { Claims } from '../../protocol/claims.js';
import { RESOURCE_PROFILES, type ResourceProfile } from '../../protocol/grant-type.js';
import { isAudience, MAX_AUDIENCE_LENGTH } from '../../protocol/identifier.js';
import { MAX_SCOPE_ITEM_LENGTH, SCOPE_TOKEN } from '../../protocol/scope.js';
import { storableAudience } from '../documents/audience.faults.js';
import { ClientReference } from '../documents/client-reference.dto.js';
import {
  AnyJson,
  type Check,
  description,
  flag,
  Is,
  MAX_SECONDS,
  Nested,
  NestedList,
  Optional,
  oneOf,
  text,
  wholeNumber,
} from '../documents/member-checks.js';
import { WrittenMembers } from '../documents/written.dto.js';

const MAX_OPERATIONS = 10_000;
const MAX_INTROSPECTION_CLIENTS = 500;

const operationName: Check = (value) => {
  if (typeof value !== 'string' || !SCOPE_TOKEN.test(value)) return 'must be a scope token (RFC 6749 3.3)';
  if (value === ALL) return 'must not be *, which means every operation';
  return value.length > MAX_SCOPE_ITEM_LENGTH
    ? `must be at most ${MAX_SCOPE_ITEM_LENGTH} characters`
    : undefined;
};

/** RFC 9728 1.2; plain HTTP on this machine only. */
const uri: Check = (value) =>
  isAudience(value) && PLAIN_HTTP_URI.test(value) && URL.canParse(value) && !isOpenHttp(new URL(value))
    ? undefined
    : `must be an https URL, or http on loopback, without user, query and fragment, of at most ${MAX_AUDIENCE_LENGTH} characters`;

/** An operation on a resource. */
export class OperationMembers {
  @Is(operationName)
  name!: string;

  @Optional()
  @Is(text(0, 10_000))
  description?: string;
}

/** What a resource requires of the tokens issued for it. */
export class ResourceTokenMembers {
  @Optional()
  @Is(wholeNumber(1, MAX_SECONDS))
  access_token_expiration?: number;

  @Optional()
  @Is(oneOf(SIGNING_ALGS))
  signing_alg?: SigningAlg;

  @Optional()
  @Is(oneOf(RESOURCE_PROFILES))
  profile?: ResourceProfile;
}

/** The members of a resource in the API. */
export class ResourceMembers extends WrittenMembers {
  @Optional()
  @Is(text(0, 255))
  name?: string;

  @Optional()
  @Is(description)
  description?: string;

  @Optional()
  @Is(storableAudience)
  audience?: string;

  @Optional()
  @Is(uri)
  uri?: string;

  @Optional()
  @Is(flag)
  public?: boolean;

  @Optional()
  @NestedList(() => OperationMembers, { most: MAX_OPERATIONS })
  operations?: OperationMembers[];

  @Optional()
  @NestedList(() => ClientReference, { most: MAX_INTROSPECTION_CLIENTS })
  introspection_clients?: ClientReference[];

  @Optional()
  @Nested(() => ResourceTokenMembers)
  token?: ResourceTokenMembers;

  /** Checked by claimFaults, with the paths of its claims. */
  @AnyJson()
  claims?: Claims;
}
