import { claimNameFault } from '../../clients/federation/claim-demand.js';
import { REPLAYS, type Replay } from '../../clients/federation/trusted-issuer.js';
import { ASSERTION_ALGS, type AssertionAlg } from '../../protocol/client-assertion.js';
import { isAudience, MAX_AUDIENCE_LENGTH } from '../../protocol/identifier.js';
import {
  type Check,
  flag,
  Is,
  ListOf,
  Optional,
  oneOf,
  text,
  Unchecked,
  wholeNumber,
} from '../documents/member-checks.js';
import { WrittenMembers } from '../documents/written.dto.js';

const MAX_LIFETIME_SECONDS = 30 * 24 * 60 * 60;
const MAX_AUDIENCES = 20;
const MAX_PINS = 20;

const audience: Check = (value) =>
  isAudience(value)
    ? undefined
    : `must be 1 to ${MAX_AUDIENCE_LENGTH} visible ASCII characters other than quotation mark and backslash`;

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
  @ListOf(audience, { least: 1, most: MAX_AUDIENCES })
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
}
