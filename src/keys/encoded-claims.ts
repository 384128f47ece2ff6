/**
 * The common first claims of many tokens, encoded once. Base64 encodes groups of three bytes, so up to two bytes are kept
 * for the claims that differ.
 */
export class EncodedClaims {
  private readonly encoded: string;
  private readonly remainder: string;

  /** The beginning of a JSON object, without its closing brace. */
  constructor(start: string) {
    const bytes = Buffer.from(start);
    const whole = bytes.length - (bytes.length % 3);
    this.encoded = bytes.toString('base64url', 0, whole);
    this.remainder = bytes.toString('latin1', whole);
  }

  /** The payload of a JWT; `rest` is the end of the object, in ASCII. */
  with(rest: string): string {
    return this.encoded + Buffer.from(this.remainder + rest, 'latin1').toString('base64url');
  }
}
