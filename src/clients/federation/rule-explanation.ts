import { claimAt, meetsDemand } from './claim-demand.js';
import { fitsSubject } from './subject-pattern.js';
import type { FederatedRule } from './trusted-issuer.js';

type Claims = Readonly<Record<string, unknown>>;

/** How one part of a rule compares with an assertion. */
export interface ExplainedPart {
  demanded: unknown;
  /** Absent if the assertion has no such claim. */
  found?: unknown;
  fits: boolean;
  /** Why not. */
  reason?: string;
}

export interface ExplainedClaim extends ExplainedPart {
  claim: string;
}

export interface ExplainedRule {
  fits: boolean;
  subject: ExplainedPart;
  claims: ExplainedClaim[];
}

/** Compares a rule with an assertion part by part, as `fitsRule` does. */
export function explainRule(rule: FederatedRule, assertion: Claims & { sub: string }): ExplainedRule {
  const subject = explainSubject(rule.subject, assertion.sub);
  const claims = Object.entries(rule.claims).map(([claim, demanded]) =>
    explainClaim(claim, demanded, claimAt(assertion, claim)),
  );
  return { fits: subject.fits && claims.every(({ fits }) => fits), subject, claims };
}

function explainSubject(demanded: string, found: string): ExplainedPart {
  const fits = fitsSubject(demanded, found);
  return fits ? { demanded, found, fits } : { demanded, found, fits, reason: 'sub does not fit the pattern' };
}

function explainClaim(
  claim: string,
  demanded: FederatedRule['claims'][string],
  found: unknown,
): ExplainedClaim {
  if (found === undefined) return { claim, demanded, fits: false, reason: 'the assertion has no such claim' };
  const fits = meetsDemand(found, demanded);
  return fits
    ? { claim, demanded, found, fits }
    : { claim, demanded, found, fits, reason: reasonFor(found, demanded) };
}

/** Values that differ only in type are the likeliest mistake. */
function reasonFor(found: unknown, demanded: FederatedRule['claims'][string]): string {
  const alternatives: readonly unknown[] = Array.isArray(demanded) ? demanded : [demanded];
  const items: readonly unknown[] = Array.isArray(found) ? found : [found];
  for (const item of items) {
    const alike = alternatives.find((one) => String(one) === String(item));
    if (alike !== undefined) return `the assertion has the ${typeof item}, the rule the ${typeof alike}`;
    if (typeof item === 'object') return 'the claim is an object: name the member by a JSON Pointer';
  }
  return 'the claim has another value';
}
