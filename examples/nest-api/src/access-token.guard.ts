import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { insufficientScope, invalidToken, tokenRequired } from './bearer-error.js';
import { TokenVerifier } from './token-verifier.js';

export const REQUIRED_SCOPE = 'required scope';

/** Lets a request through when its token carries the scope that the route requires. */
@Injectable()
export class AccessTokenGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly verifier: TokenVerifier,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { scope } = await this.verifier.verify(readBearer(request.headers.authorization));
    const granted = typeof scope === 'string' ? scope.split(' ') : [];
    const required = this.reflector.get<string>(REQUIRED_SCOPE, context.getHandler());
    if (!granted.includes(required)) throw insufficientScope(required);
    return true;
  }
}

function readBearer(authorization = ''): string {
  const [scheme = '', token, ...rest] = authorization.split(' ');
  if (scheme.toLowerCase() !== 'bearer') throw tokenRequired();
  if (!token || rest.length > 0) throw invalidToken();
  return token;
}
