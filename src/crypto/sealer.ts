import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type MasterKey, MasterKeys } from './master-keys.js';

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed value that none of this server's master keys can unseal. */
export class CannotUnseal extends Error {}

/** The id of the master key under which a value is sealed. */
export const masterKeyIdOf = (sealed: string): string => sealed.split('.')[1] ?? '';

/** Seals keys at rest with AES-256-GCM. The key's purpose is authenticated, so that rows cannot be swapped. */
@Injectable()
export class Sealer {
  constructor(private readonly masterKeys: MasterKeys) {}

  /** Returns `v1.<master key id>.<nonce, ciphertext and tag in base64url>`. */
  seal(purpose: string, plain: Buffer, { id, bytes }: MasterKey = this.masterKeys.first): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', bytes, nonce);
    cipher.setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return [VERSION, id, sealed.toString('base64url')].join('.');
  }

  /** Seals under the same master key as `like`. */
  sealLike(like: string, purpose: string, plain: Buffer): string {
    return this.seal(purpose, plain, this.keyOf(like, purpose));
  }

  unseal(purpose: string, sealed: string): Buffer {
    const [version, , body = '', ...rest] = sealed.split('.');
    if (version !== VERSION)
      throw new CannotUnseal(`${purpose}: sealed in a format that this version does not support`);
    const { bytes: key } = this.keyOf(sealed, purpose);
    const bytes = Buffer.from(body, 'base64url');
    try {
      if (rest.length > 0 || bytes.toString('base64url') !== body) throw new Error('not what was written');
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(purpose));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    } catch {
      throw new CannotUnseal(`${purpose}: the sealed row was changed or damaged; restore it from a backup`);
    }
  }

  private keyOf(sealed: string, purpose: string): MasterKey {
    const key = this.masterKeys.find(masterKeyIdOf(sealed));
    if (key) return key;
    const wrong = `${this.masterKeys.place} is not the master key of this database`;
    throw new CannotUnseal(`LATCHKEY_MASTER_KEY: ${wrong}: ${purpose} was sealed with another master key`);
  }
}
