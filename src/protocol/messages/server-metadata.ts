/** Metadata of RFC 8414 2; members of OpenID Connect Discovery 3 only at the OpenID paths. */
export interface ServerMetadata {
  issuer: string;
  /** Always refuses: libraries reject metadata without it, although RFC 8414 2 requires it only for grants that use it. */
  authorization_endpoint: string;
  token_endpoint: string;
  jwks_uri: string;
  /** RFC 8414 requires the member and forbids an empty list; no response type returns anything. */
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
