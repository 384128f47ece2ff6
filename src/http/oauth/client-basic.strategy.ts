import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { StrategyCreatedStatic } from 'passport';
import { BasicStrategy } from 'passport-http';
import type { OAuthHttpRequest } from './oauth-http-request.js';

export const CLIENT_BASIC = 'client_secret_basic';

/**
 * Passport's Basic strategy over our own reader: passport-http cuts a secret at its second colon and decodes nothing, so
 * that nothing is left to it but to report what authentication came to.
 */
@Injectable()
export class ClientBasicStrategy extends PassportStrategy(BasicStrategy, CLIENT_BASIC) {
  constructor() {
    super({ realm: 'latchkey' });
  }

  override authenticate(this: StrategyCreatedStatic, request: object): void {
    const { authentication } = request as Required<Pick<OAuthHttpRequest, 'authentication'>>;
    authentication.then(
      (client) => this.success(client),
      (error) => this.error(error),
    );
  }

  /** Never called: `authenticate` does not go by the header. */
  validate(): never {
    throw new Error('passport-http has parsed a header');
  }
}
