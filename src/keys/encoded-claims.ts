import type { JsonTemplate } from '../protocol/json-template.js';

/**
 * The common first claims of many tokens, encoded once. Base64 encodes groups of three bytes, so up to two bytes are kept
 * for the claims that differ.
 */
export class EncodedClaims {
  private readonly encoded: string;
  private readonly remainder: string;

  constructor(private readonly claims: JsonTemplate) {
    const bytes = Buffer.from(claims.start);
    const whole = bytes.length - (bytes.length % 3);
    this.encoded = bytes.toString('base64url', 0, whole);
    this.remainder = bytes.toString('latin1', whole);
  }

  /** The payload of a JWT with these values in the open places of the claims, from the first of which on all is ASCII. */
  with(own: readonly (string | number)[]): string {
    const rest = this.remainder + this.claims.end(own);
    return this.encoded + Buffer.from(rest, 'latin1').toString('base64url');
  }
}
