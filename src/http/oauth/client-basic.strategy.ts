import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { BasicStrategy } from 'passport-http';
import { ClientAuthenticator } from '../../clients/authentication/client-authenticator.js';
import type { Client } from '../../clients/client.js';
import { InvalidClient } from '../../protocol/invalid-client.js';
import { remoteAddress } from '../request/remote-address.js';
import type { OAuthHttpRequest } from './oauth-http-request.js';

export const CLIENT_BASIC = 'client_secret_basic';

/**
 * Passport's Basic strategy. passport-http truncates a secret at its second colon and decodes nothing, so its result
 * is not used: the guard has already read the header strictly.
 */
@Injectable()
export class ClientBasicStrategy extends PassportStrategy(BasicStrategy, CLIENT_BASIC) {
  constructor(private readonly authenticator: ClientAuthenticator) {
    super({ passReqToCallback: true, realm: 'latchkey' });
  }

  async validate(request: OAuthHttpRequest): Promise<Client> {
    if (!request.presented) throw new InvalidClient('no credentials');
    return this.authenticator.authenticate(request.presented, remoteAddress(request));
  }
}
