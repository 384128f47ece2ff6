import { printable } from '../../../packages/protocol/src/error-description.js';
import { accessDenied } from '../../protocol/oauth-error.js';
import type { Dialect } from './dialect.js';

/** The dialect of Auth0, with its error messages: `POST /oauth/token`. */
export const AUTH0: Dialect = {
  name: 'auth0',
  issuer: ({ rootIssuer }) => rootIssuer,
  profile: 'classic',
  tokenFormat: 'jwt',
  refreshTokens: false,
  scopeRequired: false,
  ownAudienceIsOpen: false,
  alwaysReportsRejected: false,
  copiesUnregisteredAudience: false,
  subject: (clientId) => `${clientId}@clients`,
  claims: (clientId) => ({ azp: clientId, gty: 'client-credentials' }),
  absentAudience() {
    throw accessDenied('Non-global clients are not allowed access to APIv1');
  },
  unregisteredAudience: (audience) => accessDenied(`Service not found: ${printable(audience)}`),
  // Clients compare this text verbatim, although RFC 6749 5.2 allows no quotes in a description.
  uncoveredAudience: (audience) =>
    accessDenied(
      `Client is not authorized to access "${printable(audience)}". You need to create a "client-grant" associated ` +
        'to this API. See: https://auth0.com/docs/api/v2#!/Client_Grants/post_client_grants',
    ),
  settleScope({ granted, rejected }) {
    if (rejected.length > 0) throw accessDenied(`Client has not been granted scopes: ${rejected.join(', ')}`);
    if (granted?.length === 0) throw accessDenied('Client has not been granted any scopes');
  },
};
