import { claimNameFault } from '../../clients/federation/claim-demand.js';
import { subjectFault } from '../../clients/federation/subject-pattern.js';
import { type Admission, REPLAYS, type Replay } from '../../clients/federation/trusted-issuer.js';
import { ASSERTION_ALGS, type AssertionAlg } from '../../protocol/client-assertion.js';
import { isForeignAudience, isId, MAX_AUDIENCE_LENGTH } from '../../protocol/identifier.js';
import {
  type Check,
  flag,
  Is,
  ListOf,
  NestedList,
  Optional,
  oneOf,
  text,
  Unchecked,
  wholeNumber,
} from '../documents/member-checks.js';
import { isObject } from '../documents/merge-patch.js';
import { WrittenMembers } from '../documents/written.dto.js';

const MAX_LIFETIME_SECONDS = 30 * 24 * 60 * 60;
const MAX_AUDIENCES = 20;
const MAX_PINS = 20;
const MAX_ADMISSIONS = 20;
const MAX_CLAIMS = 20;

const foreignAudience: Check = (value) =>
  isForeignAudience(value)
    ? undefined
    : `must be 1 to ${MAX_AUDIENCE_LENGTH} visible ASCII characters other than quotation mark and backslash`;

const template: Check = (value) =>
  isId(templateId(value)) ? undefined : 'must be the id of a client, or a reference to one';

const claims: Check = (value) => {
  if (!isObject(value)) return 'must be an object';
  const { length } = Object.keys(value);
  return length === 0 || length > MAX_CLAIMS ? `must have 1 to ${MAX_CLAIMS} members` : undefined;
};

/** Workloads that are admitted, and the client whose policies and settings their tokens have. */
export class AdmissionMembers {
  @Optional()
  @Is(subjectFault)
  subject?: string;

  /** Names and values are checked by AdmissionFaults, each at its path. */
  @Optional()
  @Is(claims)
  claims?: Admission['claims'];

  @Is(template)
  template!: unknown;
}

/** The id in `x`, `Client/x`, `{resourceType: Client, id: x}` or `{reference: Client/x}`. */
export function templateId(value: unknown): string | undefined {
  if (typeof value === 'string') return value.replace(/^Client\//, '');
  if (!isObject(value)) return undefined;
  const { resourceType = 'Client', id, reference } = value;
  if (typeof reference === 'string') return /^Client\/(.*)$/s.exec(reference)?.[1];
  return resourceType === 'Client' && typeof id === 'string' ? id : undefined;
}

/** The members of a trusted issuer in the API. */
export class IssuerMembers extends WrittenMembers {
  @Optional()
  @Is(text(0, 255))
  name?: string;

  @Optional()
  @Is(text(0, 10_000))
  description?: string;

  /** This and its keys are checked by issuerFaults, since settings decide which addresses are allowed. */
  @Unchecked()
  issuer?: unknown;

  @Unchecked()
  jwks?: unknown;

  @Unchecked()
  jwks_uri?: unknown;

  @Unchecked()
  ca?: unknown;

  @Optional()
  @ListOf(oneOf(ASSERTION_ALGS), { least: 1, most: ASSERTION_ALGS.length })
  algs?: AssertionAlg[];

  @Optional()
  @ListOf(foreignAudience, { least: 1, most: MAX_AUDIENCES })
  audiences?: string[];

  @Optional()
  @Is(wholeNumber(1, MAX_LIFETIME_SECONDS))
  max_lifetime_seconds?: number;

  @Optional()
  @Is(oneOf(REPLAYS))
  replay?: Replay;

  @Optional()
  @Is(flag)
  shared?: boolean;

  @Optional()
  @ListOf(claimNameFault, { least: 1, most: MAX_PINS })
  pins?: string[];

  @Optional()
  @NestedList(() => AdmissionMembers, { most: MAX_ADMISSIONS })
  admits?: AdmissionMembers[];
}
