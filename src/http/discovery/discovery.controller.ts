import { Controller, Get, NotFoundException, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Settings } from '../../config/settings.js';
import { KeyRing } from '../../keys/key-ring.service.js';
import type { Dialect } from '../../tokens/dialects/dialect.js';
import { MetadataService } from '../../tokens/metadata.service.js';
import {
  AUTH0_ENDPOINTS,
  AUTHING_ENDPOINTS,
  type DialectEndpoints,
  NATIVE_ENDPOINTS,
} from '../oauth/dialect-endpoints.js';
import { JWKS, OIDC, publish, ROOT } from './public-documents.js';

/** Documents for automatic discovery: metadata (RFC 8414, OpenID Connect Discovery) and keys (RFC 7517). */
@Controller()
export class DiscoveryController {
  /** The native and auth0 dialects share an issuer, whose metadata can name the endpoints of one. */
  private readonly root: DialectEndpoints;

  constructor(
    private readonly metadata: MetadataService,
    private readonly keys: KeyRing,
    private readonly settings: Settings,
  ) {
    this.root = settings.discoveryDialect === 'auth0' ? AUTH0_ENDPOINTS : NATIVE_ENDPOINTS;
  }

  @Get(ROOT.authorizationServer)
  async rootAuthorizationServer(@Res() reply: FastifyReply): Promise<void> {
    publish(reply, await this.metadata.authorizationServer(this.root.dialect, this.root));
  }

  @Get(ROOT.openId)
  async rootOpenId(@Res() reply: FastifyReply): Promise<void> {
    publish(reply, await this.metadata.openIdProvider(this.root.dialect, this.root));
  }

  @Get(OIDC.authorizationServer)
  async oidcAuthorizationServer(@Res() reply: FastifyReply): Promise<void> {
    publish(reply, await this.metadata.authorizationServer(AUTHING_ENDPOINTS.dialect, AUTHING_ENDPOINTS));
  }

  @Get(OIDC.openId)
  async oidcOpenId(@Res() reply: FastifyReply): Promise<void> {
    publish(reply, await this.metadata.openIdProvider(AUTHING_ENDPOINTS.dialect, AUTHING_ENDPOINTS));
  }

  /** RFC 8414 3.1: the well-known part goes between the host and the path of an issuer. */
  @Get(`${ROOT.authorizationServer}/*`)
  async authorizationServerOf(@Param('*') path: string, @Res() reply: FastifyReply): Promise<void> {
    const endpoints = this.endpointsOf(path);
    publish(reply, await this.metadata.authorizationServer(endpoints.dialect, endpoints));
  }

  @Get(`${ROOT.openId}/*`)
  async openIdOf(@Param('*') path: string, @Res() reply: FastifyReply): Promise<void> {
    const endpoints = this.endpointsOf(path);
    publish(reply, await this.metadata.openIdProvider(endpoints.dialect, endpoints));
  }

  @Get(JWKS)
  async jwks(@Res() reply: FastifyReply): Promise<void> {
    publish(reply, { keys: await this.keys.publicKeys() });
  }

  @Get(`${NATIVE_ENDPOINTS.jwks}/*`)
  async jwksOf(@Param('*') path: string, @Res() reply: FastifyReply): Promise<void> {
    this.endpointsOf(path);
    await this.jwks(reply);
  }

  /** By the issuer's path without its trailing slash (RFC 8414 3.1); without a path, the root. */
  private endpointsOf(path: string): DialectEndpoints {
    const issuer = withoutSlash(`/${path}`);
    if (issuer === '') return this.root;
    const endpoints = [this.root, AUTHING_ENDPOINTS].find(
      ({ dialect }) => issuerPath(dialect, this.settings) === issuer,
    );
    if (!endpoints) throw new NotFoundException();
    return endpoints;
  }
}

const withoutSlash = (path: string): string => path.replace(/\/$/, '');

/** Decoded, like the path that the router provides. */
function issuerPath(dialect: Dialect, settings: Settings): string {
  const path = withoutSlash(new URL(dialect.issuer(settings)).pathname);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
