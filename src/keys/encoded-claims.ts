/**
 * The claims that many tokens begin with, encoded once. Base64 goes by three bytes, so up to two of them wait for the
 * claims that differ.
 */
export class EncodedClaims {
  private readonly encoded: string;
  private readonly left: string;

  /** The beginning of a JSON object, up to where the next member follows. */
  constructor(start: string) {
    const bytes = Buffer.from(start);
    const whole = bytes.length - (bytes.length % 3);
    this.encoded = bytes.toString('base64url', 0, whole);
    this.left = bytes.toString('latin1', whole);
  }

  /** The payload of a JWT; `rest` is the end of the object, in ASCII. */
  with(rest: string): string {
    return this.encoded + Buffer.from(this.left + rest, 'latin1').toString('base64url');
  }
}
