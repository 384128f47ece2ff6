import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { MasterKey } from './master-key.js';

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed value that this server's master key cannot open. */
export class CannotUnseal extends Error {}

/** Seals keys at rest with AES-256-GCM; what a key is for is bound into the seal, so that rows cannot be swapped. */
@Injectable()
export class Sealer {
  constructor(private readonly masterKey: MasterKey) {}

  /** Answers `v1.<master key id>.<nonce, ciphertext and tag in base64url>`. */
  seal(purpose: string, plain: Buffer): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.masterKey.bytes, nonce);
    cipher.setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return [VERSION, this.masterKey.id, sealed.toString('base64url')].join('.');
  }

  unseal(purpose: string, sealed: string): Buffer {
    const [version, masterKeyId, body = ''] = sealed.split('.');
    if (version !== VERSION)
      throw new CannotUnseal(`${purpose}: sealed in a form that this version does not know`);
    if (masterKeyId !== this.masterKey.id) {
      throw new CannotUnseal(`LATCHKEY_MASTER_KEY: ${purpose} was sealed with another master key`);
    }
    const bytes = Buffer.from(body, 'base64url');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.masterKey.bytes, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(purpose));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      throw new CannotUnseal(`${purpose}: the sealed row was changed or damaged`);
    }
  }
}
