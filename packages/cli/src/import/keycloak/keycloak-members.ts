import type { Reason } from '../report.js';
import { OWN, SIGN_IN, unsupported } from '../source.js';
import type { Reasons } from '../source-object.js';

export const BUILT_IN: Reason = { group: 'built-in', why: 'is in every realm, for Keycloak itself' };

/** Clients of every realm, which serve Keycloak itself. */
export const OWN_CLIENTS: ReadonlySet<string> = new Set([
  ...['account', 'account-console', 'admin-cli', 'broker', 'realm-management', 'security-admin-console'],
  'master-realm',
]);

/** Roles of every realm, which mean nothing outside Keycloak. */
export const isBuiltInRole = (role: string): boolean =>
  role === 'offline_access' || role === 'uma_authorization' || role.startsWith('default-roles-');

const all = (names: readonly string[], reason: Reasons[string]): Reasons =>
  Object.fromEntries(names.map((name) => [name, reason as Reasons[string]])) as Reasons;

export const CLIENT_MEMBERS: Reasons = {
  ...all(
    [
      ...[
        'rootUrl',
        'adminUrl',
        'baseUrl',
        'redirectUris',
        'webOrigins',
        'consentRequired',
        'frontchannelLogout',
      ],
      ...['surrogateAuthRequired', 'alwaysDisplayInConsole', 'authenticationFlowBindingOverrides'],
      ...[
        'standardFlowEnabled',
        'implicitFlowEnabled',
        'directAccessGrantsEnabled',
        'publicClient',
        'bearerOnly',
      ],
    ],
    SIGN_IN,
  ),
  notBefore: { ...unsupported('close the sessions of the client'), unless: 0 },
  nodeReRegistrationTimeout: { ...OWN, unless: -1 },
  registeredNodes: OWN,
  registrationAccessToken: unsupported('dynamic registration is not supported'),
  origin: OWN,
  access: { ...OWN, unless: { view: true, configure: true, manage: true } },
  authorizationServicesEnabled: unsupported('authorization services: express what they permit as policies'),
  authorizationSettings: unsupported('authorization services: express what they permit as policies'),
  defaultRoles: unsupported('roles of people'),
  clientTemplate: unsupported('client templates'),
  useTemplateConfig: unsupported('client templates'),
  useTemplateScope: unsupported('client templates'),
  useTemplateMappers: unsupported('client templates'),
};

export const CLIENT_ATTRIBUTES: Reasons = {
  ...all(
    [
      ...['post.logout.redirect.uris', 'backchannel.logout.url', 'backchannel.logout.revoke.offline.tokens'],
      ...[
        'oauth2.device.authorization.grant.enabled',
        'oidc.ciba.grant.enabled',
        'display.on.consent.screen',
      ],
      ...[
        'login_theme',
        'logoUri',
        'policyUri',
        'tosUri',
        'consent.screen.text',
        'exclude.session.state.from.auth.response',
      ],
      ...['frontchannel.logout.url', 'pkce.code.challenge.method', 'request.object.signature.alg'],
      ...[
        'user.info.response.signature.alg',
        'id.token.as.detached.signature',
        'client.session.idle.timeout',
      ],
      ...[
        'client.session.max.lifespan',
        'client.offline.session.idle.timeout',
        'client.offline.session.max.lifespan',
      ],
      ...[
        'require.pushed.authorization.requests',
        'oauth2.device.polling.interval',
        'oauth2.device.code.lifespan',
      ],
      ...['use.refresh.tokens', 'use.jwks.url', 'use.jwks.string', 'standard.token.exchange.enabled'],
      ...[
        'client.introspection.response.allow.jwt.claim.enabled',
        'request.uris',
        'client.use.lightweight.access.token.enabled',
      ],
    ].filter((name) => name !== 'use.refresh.tokens'),
    { ...SIGN_IN, unless: 'false' },
  ),
  'backchannel.logout.session.required': { ...SIGN_IN, unless: 'true' },
  'frontchannel.logout.session.required': { ...SIGN_IN, unless: 'true' },
  'use.refresh.tokens': { ...SIGN_IN, unless: 'true' },
  'client_credentials.use_refresh_token': { ...SIGN_IN, unless: 'false' },
  realm_client: { ...OWN, unless: 'false' },
  'client.secret.expiration.time': unsupported('set `end` with $add-secret, or `expires_at` of the Client'),
  'client.secret.rotated': unsupported('the former secret of a rotation'),
  'acr.loa.map': { ...SIGN_IN, unless: '{}' },
  'tls.client.certificate.bound.access.tokens': {
    ...unsupported('tokens are not bound to certificates'),
    unless: 'false',
  },
  'dpop.bound.access.tokens': { ...unsupported('tokens are not bound to keys'), unless: 'false' },
  'token.response.type.bearer.lower-case': { ...unsupported('token_type is Bearer'), unless: 'false' },
  'access.token.signed.response.alg': unsupported('tokens are signed with RS256, PS256, ES256 or EdDSA'),
  'access.token.header.type.rfc9068': { ...unsupported('set `profile`'), unless: 'false' },
  'access.token.lifespan': unsupported('must be 1 second to 30 days'),
};

const REALM_SIGN_IN = [
  ...['displayName', 'displayNameHtml', 'sslRequired', 'registrationAllowed', 'registrationEmailAsUsername'],
  ...['rememberMe', 'verifyEmail', 'loginWithEmailAllowed', 'duplicateEmailsAllowed', 'resetPasswordAllowed'],
  ...[
    'editUsernameAllowed',
    'bruteForceProtected',
    'permanentLockout',
    'maxFailureWaitSeconds',
    'bruteForceStrategy',
  ],
  ...['minimumQuickLoginWaitSeconds', 'waitIncrementSeconds', 'quickLoginCheckMilliSeconds', 'failureFactor'],
  ...['maxDeltaTimeSeconds', 'maxTemporaryLockouts', 'defaultRole', 'defaultRoles', 'defaultGroups'],
  ...['requiredCredentials', 'passwordPolicy', 'revokeRefreshToken', 'refreshTokenMaxReuse', 'loginTheme'],
  ...['accessTokenLifespanForImplicitFlow', 'ssoSessionIdleTimeout', 'ssoSessionMaxLifespan', 'accountTheme'],
  ...['ssoSessionIdleTimeoutRememberMe', 'ssoSessionMaxLifespanRememberMe', 'offlineSessionIdleTimeout'],
  ...[
    'offlineSessionMaxLifespanEnabled',
    'offlineSessionMaxLifespan',
    'clientSessionIdleTimeout',
    'adminTheme',
  ],
  ...['clientSessionMaxLifespan', 'clientOfflineSessionIdleTimeout', 'clientOfflineSessionMaxLifespan'],
  ...[
    'accessCodeLifespan',
    'accessCodeLifespanUserAction',
    'accessCodeLifespanLogin',
    'emailTheme',
    'smtpServer',
  ],
  ...[
    'actionTokenGeneratedByAdminLifespan',
    'actionTokenGeneratedByUserLifespan',
    'oauth2DeviceCodeLifespan',
  ],
  ...['oauth2DevicePollingInterval', 'otpPolicyType', 'otpPolicyAlgorithm', 'otpPolicyInitialCounter'],
  ...['otpPolicyDigits', 'otpPolicyLookAheadWindow', 'otpPolicyPeriod', 'otpPolicyCodeReusable'],
  ...['otpSupportedApplications', 'localizationTexts', 'internationalizationEnabled', 'supportedLocales'],
  ...['defaultLocale', 'browserFlow', 'registrationFlow', 'directGrantFlow', 'resetCredentialsFlow'],
  ...['dockerAuthenticationFlow', 'firstBrokerLoginFlow', 'authenticationFlows', 'authenticatorConfig'],
  ...['requiredActions', 'identityProviders', 'identityProviderMappers', 'userFederationProviders', 'social'],
  ...['userFederationMappers', 'userManagedAccessAllowed', 'organizationsEnabled', 'organizations'],
  ...['adminPermissionsEnabled', 'verifiableCredentialsEnabled', 'federatedUsers', 'scimApiEnabled'],
  ...['browserSecurityHeaders', 'webAuthnPolicyPasskeysEnabled', 'webAuthnPolicyPasswordlessPasskeysEnabled'],
  ...['', 'Passwordless'].flatMap((kind) =>
    [
      ...['RpEntityName', 'SignatureAlgorithms', 'RpId', 'AttestationConveyancePreference', 'ExtraOrigins'],
      ...['AuthenticatorAttachment', 'RequireResidentKey', 'UserVerificationRequirement', 'CreateTimeout'],
      ...['AvoidSameAuthenticatorRegister', 'AcceptableAaguids'],
    ].map((name) => `webAuthnPolicy${kind}${name}`),
  ),
];

export const REALM_MEMBERS: Reasons = {
  ...all(REALM_SIGN_IN, SIGN_IN),
  notBefore: { ...OWN, unless: 0 },
  enabled: unsupported('a disabled realm: set `active: false` on its clients'),
  accessTokenLifespan: unsupported('must be 1 second to 30 days'),
  defaultSignatureAlgorithm: unsupported('tokens are signed with RS256, PS256, ES256 or EdDSA'),
  defaultDefaultClientScopes: { ...OWN, why: 'of new clients' },
  defaultOptionalClientScopes: { ...OWN, why: 'of new clients' },
  clientAuthenticationFlow: OWN,
  components: { ...OWN, why: 'keys and providers: the server signs with keys of its own' },
  keycloakVersion: OWN,
  attributes: OWN,
  eventsEnabled: { ...OWN, why: 'the audit log is always on' },
  eventsListeners: OWN,
  eventsExpiration: OWN,
  enabledEventTypes: OWN,
  adminEventsEnabled: { ...OWN, why: 'the audit log is always on' },
  adminEventsDetailsEnabled: { ...OWN, why: 'the audit log is always on' },
  clientProfiles: unsupported('rules for the registration of clients'),
  clientPolicies: unsupported('rules for the registration of clients'),
  clientTemplates: unsupported('client templates'),
  protocolMappers: unsupported('mappers of a realm'),
};
