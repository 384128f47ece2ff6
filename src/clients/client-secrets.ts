import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { nowMilliseconds } from '../crypto/clock.js';
import { SecretHasher } from '../crypto/secret-hasher.js';
import type { ClientSecret } from './client-secret.entity.js';

/** Turns a secret into the row that is kept of it. */
@Injectable()
export class ClientSecrets {
  constructor(private readonly hasher: SecretHasher) {}

  /** Hashing a chosen secret takes tens of milliseconds: call it before a transaction, not inside. */
  async make(clientId: string, secret: string): Promise<ClientSecret> {
    const { pepperId, digest } = await this.hasher.hash(secret);
    const createdAt = nowMilliseconds();
    return { id: randomUUID(), clientId, pepperId, digest, createdAt, expiresAt: null, lastUsedAt: null };
  }

  async fits(secret: string, secrets: readonly ClientSecret[]): Promise<boolean> {
    return (await this.hasher.find(secret, secrets)) !== undefined;
  }
}
