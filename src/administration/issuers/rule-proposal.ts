import { claimAt, claimValueFault } from '../../clients/federation/claim-demand.js';
import { issuerWarnings, ruleWarnings } from '../../clients/federation/stranger-warnings.js';
import { isPattern, subjectFault } from '../../clients/federation/subject-pattern.js';
import type { ClaimValue, TokenDemand, TrustedIssuer } from '../../clients/federation/trusted-issuer.js';

/** Ids of owners and projects at public issuers, which are never given to another. Ids of single runs are not here. */
const LASTING_IDS = [
  ...['repository_owner_id', 'repository_id'],
  ...['namespace_id', 'project_id'],
  ...['organization_id', 'pipeline_id'],
  ...['terraform_organization_id', 'terraform_workspace_id'],
];

/** The narrowest rule that a token fits, and what is to be said about it. */
export interface RuleProposal {
  /** Undefined if no rule can be written for the token. */
  rule: (TokenDemand & { issuer: string }) | undefined;
  warnings: string[];
}

type Issuer = Pick<TrustedIssuer, 'id' | 'issuer' | 'shared' | 'pins'>;

/** Fixes the subject, and where the issuer serves strangers as well, whose token it is. */
export function proposeRule(
  issuer: Issuer,
  claims: Readonly<Record<string, unknown>> & { sub: string },
): RuleProposal {
  const subject = claims.sub;
  if (isPattern(subject) || subjectFault(subject) !== undefined)
    return {
      rule: undefined,
      warnings: ['sub contains * or is too long: no rule can name exactly this one'],
    };
  const isKnown = issuer.shared || issuerWarnings(issuer).length > 0;
  const names = isKnown ? [...new Set([...issuer.pins, ...LASTING_IDS])] : [];
  const fixed = names.flatMap((name): [string, ClaimValue][] => {
    const value = claimAt(claims, name);
    return Array.isArray(value) || claimValueFault(value) !== undefined ? [] : [[name, value as ClaimValue]];
  });
  if (issuer.shared && !fixed.some(([name]) => issuer.pins.includes(name)))
    return {
      rule: undefined,
      warnings: [
        `the issuer serves strangers, and the token has none of its pins: ${issuer.pins.join(', ')}`,
      ],
    };
  const rule = { issuer: issuer.id, subject, claims: Object.fromEntries(fixed) };
  return { rule, warnings: ruleWarnings(rule, issuer) };
}
