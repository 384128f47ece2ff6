import { Controller, Get, Post, UseFilters } from '@nestjs/common';
import { unsupportedResponseType } from '../../protocol/oauth-error.js';
import { AUTHORIZATION_PATHS } from './dialect-endpoints.js';
import { OAuthErrorFilter } from './oauth-error.filter.js';

/**
 * The authorization endpoint that metadata names. It refuses every request with the same response: it reads none of them
 * and never redirects, so that it can neither be used to redirect a user nor to show one a text (RFC 9700 4.11).
 */
@Controller()
@UseFilters(OAuthErrorFilter)
export class AuthorizationController {
  @Get(AUTHORIZATION_PATHS)
  refuse(): never {
    throw unsupportedResponseType(
      'users cannot sign in at this server; clients request tokens with grant_type=client_credentials at its token endpoint',
    );
  }

  /** RFC 6749 3.1: support for POST is optional, and clients that use it get the same response. */
  @Post(AUTHORIZATION_PATHS)
  refuseForm(): never {
    return this.refuse();
  }
}
