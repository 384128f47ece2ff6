import { Injectable } from '@nestjs/common';
import { SIGNING_ALGS } from '../../packages/protocol/src/signing-alg.js';
import { Admissions } from '../clients/federation/admissions.js';
import { Settings } from '../config/settings.js';
import { KeyRing } from '../keys/key-ring.service.js';
import { ASSERTION_ALGS, JWT_BEARER_GRANT } from '../protocol/client-assertion.js';
import { CLIENT_AUTH_METHODS } from '../protocol/client-auth-method.js';
import type { ServerMetadata } from '../protocol/messages/server-metadata.js';
import type { Dialect } from './dialects/dialect.js';

/** The paths of the endpoints of a dialect. */
export interface EndpointPaths {
  authorization: string;
  token: string;
  introspection: string;
  revocation: string;
  jwks: string;
}

/** The metadata of the issuer of a dialect (RFC 8414 2). */
@Injectable()
export class MetadataService {
  constructor(
    private readonly settings: Settings,
    private readonly keys: KeyRing,
    private readonly admissions: Admissions,
  ) {}

  async authorizationServer(dialect: Dialect, paths: EndpointPaths): Promise<ServerMetadata> {
    const admits = await this.admissions.isOpen();
    const { publicUrl } = this.settings;
    const methods = [...CLIENT_AUTH_METHODS];
    const algs = [...ASSERTION_ALGS];
    return {
      issuer: dialect.issuer(this.settings),
      authorization_endpoint: publicUrl + paths.authorization,
      token_endpoint: publicUrl + paths.token,
      jwks_uri: publicUrl + paths.jwks,
      response_types_supported: ['none'],
      grant_types_supported: [
        'client_credentials',
        ...(dialect.refreshTokens ? ['refresh_token'] : []),
        ...(admits ? [JWT_BEARER_GRANT] : []),
      ],
      token_endpoint_auth_methods_supported: methods,
      token_endpoint_auth_signing_alg_values_supported: algs,
      introspection_endpoint: publicUrl + paths.introspection,
      introspection_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_signing_alg_values_supported: algs,
      // RFC 9701 7: the algorithm depends on the registration of the caller; responses are never encrypted.
      introspection_signing_alg_values_supported: [...SIGNING_ALGS],
      revocation_endpoint: publicUrl + paths.revocation,
      revocation_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_signing_alg_values_supported: algs,
    };
  }

  /** OpenID Connect Discovery 3: verifiers use the algorithms of ID tokens for access tokens as well. */
  async openIdProvider(dialect: Dialect, paths: EndpointPaths): Promise<ServerMetadata> {
    return {
      ...(await this.authorizationServer(dialect, paths)),
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: await this.keys.algorithms(),
    };
  }
}
