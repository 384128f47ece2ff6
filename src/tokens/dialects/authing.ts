import { printable } from '../../../packages/protocol/src/error-description.js';
import { invalidTarget } from '../../protocol/oauth-error.js';
import type { Dialect } from './dialect.js';

/** The dialect of Authing, Approw and GenAuth: `POST /oidc/token`. */
export const AUTHING: Dialect = {
  name: 'authing',
  issuer: ({ oidcIssuer }) => oidcIssuer,
  profile: 'classic',
  tokenFormat: 'jwt',
  refreshTokens: false,
  scopeRequired: true,
  ownAudienceIsOpen: false,
  alwaysReportsRejected: true,
  copiesUnregisteredAudience: false,
  subject: (clientId) => clientId,
  claims: (clientId) => ({ azp: clientId }),
  absentAudience: ({ id }) => ({ audience: id }),
  unregisteredAudience: (audience) => invalidTarget(`no resource has the audience ${printable(audience)}`),
  uncoveredAudience: (audience) =>
    invalidTarget(`the client may not request the audience ${printable(audience)}`),
  // What is rejected is reported in rejected_scope; a token with an empty scope grants no access.
  settleScope: () => undefined,
};
