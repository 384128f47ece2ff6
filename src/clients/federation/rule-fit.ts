import { claimAt, meetsDemand } from './claim-demand.js';
import { fitsSubject } from './subject-pattern.js';
import type { FederatedRule } from './trusted-issuer.js';

type Claims = Readonly<Record<string, unknown>>;

/** Whether a rule lets an assertion act as its client. */
export const fitsRule = ({ subject, claims }: FederatedRule, assertion: Claims & { sub: string }): boolean =>
  fitsSubject(subject, assertion.sub) &&
  Object.entries(claims).every(([name, demanded]) => meetsDemand(claimAt(assertion, name), demanded));
