import { Controller, Get, NotFoundException, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Settings } from '../../config/settings.js';
import { KeyRing } from '../../keys/key-ring.service.js';
import type { Dialect } from '../../tokens/dialects/dialect.js';
import { MetadataService } from '../../tokens/metadata.service.js';
import { AUTHING_DOOR, type Door, NATIVE_DOOR } from '../oauth/dialect-endpoints.js';

const ROOT = {
  authorizationServer: '/.well-known/oauth-authorization-server',
  openId: '/.well-known/openid-configuration',
};

const OIDC = {
  authorizationServer: '/oidc/.well-known/oauth-authorization-server',
  openId: '/oidc/.well-known/openid-configuration',
};

const JWKS = [NATIVE_DOOR.jwks, AUTHING_DOOR.jwks];

/** Less than the time that a new key is published before it signs, so that no cache misses one. */
const MAX_AGE_SECONDS = 300;

/** What verifiers and clients find by themselves: metadata (RFC 8414, OpenID Connect Discovery) and keys (RFC 7517). */
@Controller()
export class DiscoveryController {
  constructor(
    private readonly metadata: MetadataService,
    private readonly keys: KeyRing,
    private readonly settings: Settings,
  ) {}

  @Get(ROOT.authorizationServer)
  rootAuthorizationServer(@Res() reply: FastifyReply): void {
    publish(reply, this.metadata.authorizationServer(NATIVE_DOOR.dialect, NATIVE_DOOR));
  }

  @Get(ROOT.openId)
  async rootOpenId(@Res() reply: FastifyReply): Promise<void> {
    publish(reply, await this.metadata.openIdProvider(NATIVE_DOOR.dialect, NATIVE_DOOR));
  }

  @Get(OIDC.authorizationServer)
  oidcAuthorizationServer(@Res() reply: FastifyReply): void {
    publish(reply, this.metadata.authorizationServer(AUTHING_DOOR.dialect, AUTHING_DOOR));
  }

  @Get(OIDC.openId)
  async oidcOpenId(@Res() reply: FastifyReply): Promise<void> {
    publish(reply, await this.metadata.openIdProvider(AUTHING_DOOR.dialect, AUTHING_DOOR));
  }

  /** RFC 8414 3.1: the well-known part stands between the host and the path of an issuer. */
  @Get(`${ROOT.authorizationServer}/*`)
  authorizationServerOf(@Param('*') path: string, @Res() reply: FastifyReply): void {
    const door = this.doorAt(path);
    publish(reply, this.metadata.authorizationServer(door.dialect, door));
  }

  @Get(`${ROOT.openId}/*`)
  async openIdOf(@Param('*') path: string, @Res() reply: FastifyReply): Promise<void> {
    const door = this.doorAt(path);
    publish(reply, await this.metadata.openIdProvider(door.dialect, door));
  }

  @Get(JWKS)
  async jwks(@Res() reply: FastifyReply): Promise<void> {
    publish(reply, { keys: await this.keys.publicKeys() });
  }

  @Get(`${NATIVE_DOOR.jwks}/*`)
  async jwksOf(@Param('*') path: string, @Res() reply: FastifyReply): Promise<void> {
    this.doorAt(path);
    await this.jwks(reply);
  }

  /** By the path of an issuer, whose terminating slash does not count (RFC 8414 3.1); without one, the root. */
  private doorAt(path: string): Door {
    const asked = withoutSlash(`/${path}`);
    if (asked === '') return NATIVE_DOOR;
    const door = [NATIVE_DOOR, AUTHING_DOOR].find(
      ({ dialect }) => issuerPath(dialect, this.settings) === asked,
    );
    if (!door) throw new NotFoundException();
    return door;
  }
}

const withoutSlash = (path: string): string => path.replace(/\/$/, '');

/** Decoded, as the router hands over the path of a request. */
function issuerPath(dialect: Dialect, settings: Settings): string {
  const path = withoutSlash(new URL(dialect.issuer(settings)).pathname);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function publish(reply: FastifyReply, document: object): void {
  reply
    .headers({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': `public, max-age=${MAX_AGE_SECONDS}`,
    })
    .send(JSON.stringify(document));
}
