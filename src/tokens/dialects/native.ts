import { printable } from '../../../packages/protocol/src/error-description.js';
import { AUDIENCE_FORM, isAudience } from '../../protocol/identifier.js';
import { invalidScope, invalidTarget } from '../../protocol/oauth-error.js';
import { formatScope } from '../../protocol/scope.js';
import type { Dialect } from './dialect.js';

/** The dialect of Aidbox: `POST /auth/token`. */
export const NATIVE: Dialect = {
  name: 'native',
  issuer: ({ rootIssuer }) => rootIssuer,
  profile: 'rfc9068',
  tokenFormat: 'opaque',
  refreshTokens: true,
  scopeRequired: false,
  ownAudienceIsOpen: true,
  alwaysReportsRejected: false,
  copiesUnregisteredAudience: true,
  subject: (clientId) => clientId,
  claims: () => ({}),
  absentAudience: ({ audience: [first] }) => (first === undefined ? { derived: true } : { requested: first }),
  unregisteredAudience: (audience) =>
    invalidTarget(
      isAudience(audience)
        ? `no resource has the audience ${printable(audience)}`
        : `an audience is ${AUDIENCE_FORM}`,
    ),
  uncoveredAudience: (audience) =>
    invalidTarget(`the client may not request the audience ${printable(audience)}`),
  settleScope({ granted, rejected }) {
    if (granted?.length === 0) {
      const members = rejected.length > 0 ? { rejected_scope: formatScope(rejected) } : undefined;
      throw invalidScope('no item of scope is granted to this client', members);
    }
  },
};
