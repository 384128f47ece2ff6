import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SecretHasher } from '../crypto/secret-hasher.js';
import { nowMilliseconds } from '../runtime/clock.js';
import type { ClientSecret } from './client-secret.entity.js';

export const isLive = ({ expiresAt }: Pick<ClientSecret, 'expiresAt'>): boolean =>
  expiresAt === null || expiresAt > nowMilliseconds();

/** An end that is over by every clock, also that of a process that is behind. */
export const endedAt = (milliseconds: number): number => -milliseconds;

/** When it was, or will be. */
export const timeOfEnd = (expiresAt: number): number => Math.abs(expiresAt);

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

  /** The one of these secrets that this is, ended or not. As slow as making one. */
  async find(secret: string, secrets: readonly ClientSecret[]): Promise<ClientSecret | undefined> {
    return secrets.length === 0 ? undefined : this.hasher.find(secret, secrets);
  }

  /** Whether the secret opens something now. */
  async fits(secret: string, secrets: readonly ClientSecret[]): Promise<boolean> {
    return (await this.find(secret, secrets.filter(isLive))) !== undefined;
  }
}
