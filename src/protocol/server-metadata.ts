/** Metadata of RFC 8414 2; members of OpenID Connect Discovery 3 only at the OpenID paths. */
export interface ServerMetadata {
  issuer: string;
  token_endpoint: string;
  jwks_uri: string;
  /** RFC 8414 requires the member and forbids an empty list; without an authorization endpoint there is no response type. */
  response_types_supported: ['none'];
  grant_types_supported: string[];
  token_endpoint_auth_methods_supported: string[];
  token_endpoint_auth_signing_alg_values_supported: string[];
  introspection_endpoint: string;
  introspection_endpoint_auth_methods_supported: string[];
  introspection_endpoint_auth_signing_alg_values_supported: string[];
  introspection_signing_alg_values_supported: string[];
  revocation_endpoint: string;
  revocation_endpoint_auth_methods_supported: string[];
  revocation_endpoint_auth_signing_alg_values_supported: string[];
  subject_types_supported?: ['public'];
  id_token_signing_alg_values_supported?: string[];
}
