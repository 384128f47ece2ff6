import { claimAt, meetsDemand } from './claim-demand.js';
import { fitsSubject } from './subject-pattern.js';
import type { TokenDemand } from './trusted-issuer.js';

type Claims = Readonly<Record<string, unknown>>;

/** Whether an assertion meets a rule. */
export const fitsRule = ({ subject, claims }: TokenDemand, assertion: Claims & { sub: string }): boolean =>
  fitsSubject(subject, assertion.sub) &&
  Object.entries(claims).every(([name, demanded]) => meetsDemand(claimAt(assertion, name), demanded));
