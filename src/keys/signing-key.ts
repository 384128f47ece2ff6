import { constants, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto';
import type { SigningAlg } from '../../packages/protocol/src/signing-alg.js';
import { TickBatch } from '../runtime/tick-batch.js';

const SIGNING: Record<SigningAlg, { digest: 'sha256' | null; options: Omit<SignKeyObjectInput, 'key'> }> = {
  RS256: { digest: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: {
    digest: 'sha256',
    options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
  },
  ES256: { digest: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { digest: null, options: {} },
};

/** Shared by all keys. */
const turn = new TickBatch();

/** An imported key that signs JWTs in the compact form (RFC 7515 3.1). */
export class SigningKey {
  private readonly headers = new Map<string, string>();
  private readonly key: SignKeyObjectInput;

  constructor(
    readonly kid: string,
    readonly alg: SigningAlg,
    privateKey: KeyObject,
  ) {
    this.key = { key: privateKey, ...SIGNING[alg].options };
  }

  /** Signs claims in JSON. */
  signJwt(type: string, claims: string): Promise<string> {
    return this.signPayload(type, Buffer.from(claims).toString('base64url'));
  }

  /** Signs an encoded payload: with elliptic curves in a batch per tick; with RSA, which is far slower, on the thread pool. */
  signPayload(type: string, payload: string): Promise<string> {
    const input = `${this.header(type)}.${payload}`;
    const { digest } = SIGNING[this.alg];
    const { key } = this;
    const data = Buffer.from(input, 'latin1');
    if (this.alg === 'ES256' || this.alg === 'EdDSA') {
      return turn.run(() => `${input}.${sign(digest, data, key).toString('base64url')}`);
    }
    return new Promise((resolve, reject) => {
      sign(digest, data, key, (error, signature) => {
        if (error) reject(error);
        else resolve(`${input}.${signature.toString('base64url')}`);
      });
    });
  }

  private header(type: string): string {
    let header = this.headers.get(type);
    if (header === undefined) {
      header = Buffer.from(JSON.stringify({ alg: this.alg, typ: type, kid: this.kid })).toString('base64url');
      this.headers.set(type, header);
    }
    return header;
  }
}
