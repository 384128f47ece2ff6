import type { ClientAuthMethod } from '../protocol/client-auth-method.js';
import type { AssertionCredential } from './private-key-jwt/assertion-authenticator.js';

/** A secret that a client presented, and how (RFC 6749 2.3.1). */
export interface SecretCredential {
  method: Exclude<ClientAuthMethod, 'private_key_jwt'>;
  clientId: string;
  clientSecret: string;
  /** A second reading of the same secret: as it was sent, without form-decoding. */
  secretAsSent?: string;
}

/** A Basic header that is parsed only when it is not remembered. */
export interface BasicHeader {
  header: string;
  /** The client_id beside it, if any. */
  clientId: string | undefined;
  /** Throws InvalidClient or invalid_request where it is no credential, or of another client than `clientId`. */
  parse: () => SecretCredential;
}

/** The one credential of a request. */
export type ClientCredential = SecretCredential | BasicHeader | AssertionCredential;
