import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isImportedHash } from '../crypto/imported-hash.js';
import { SecretHasher } from '../crypto/secret-hasher.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { AcceptedSecrets } from './authentication/accepted-secrets.js';
import type { ClientSecret } from './client-secret.entity.js';

export const isLive = ({ expiresAt }: Pick<ClientSecret, 'expiresAt'>): boolean =>
  expiresAt === null || expiresAt > nowMilliseconds();

/** An expiry that has passed by every clock, including that of a process that is behind. */
export const endedAt = (milliseconds: number): number => -milliseconds;

/** The time of expiry, past or future. */
export const timeOfEnd = (expiresAt: number): number => Math.abs(expiresAt);

/** Hashes and verifies secrets. The authentication with them then needs no further check. */
@Injectable()
export class ClientSecrets {
  constructor(
    private readonly hasher: SecretHasher,
    private readonly accepted: AcceptedSecrets,
  ) {}

  /** Hashing a chosen secret takes tens of milliseconds: call it before a transaction, not within. */
  async make(clientId: string, secret: string): Promise<ClientSecret> {
    const { pepperId, digest } = await this.hasher.hash(secret);
    const createdAt = nowMilliseconds();
    const own = { description: null, createdAt, expiresAt: null };
    const id = randomUUID();
    this.accepted.add(id, secret);
    return { id, clientId, pepperId, digest, ...own };
  }

  /** A secret of which only the hash that another system made is known. */
  imported(clientId: string, digest: string): ClientSecret {
    const own = { description: null, createdAt: nowMilliseconds(), expiresAt: null };
    return { id: randomUUID(), clientId, pepperId: null, digest, ...own };
  }

  /** The matching one of these secrets; an expired one only if no valid one matches. As slow as `make`. */
  async find(secret: string, secrets: readonly ClientSecret[]): Promise<ClientSecret | undefined> {
    if (secrets.length === 0) return undefined;
    const validFirst = [...secrets].sort((one, other) => Number(isLive(other)) - Number(isLive(one)));
    const found = await this.hasher.find(secret, validFirst);
    // An imported hash is replaced when its secret is verified.
    if (found && !isImportedHash(found.digest)) this.accepted.add(found.id, secret);
    return found;
  }

  /** Whether the secret matches one that has not expired. */
  async matches(secret: string, secrets: readonly ClientSecret[]): Promise<boolean> {
    return (await this.find(secret, secrets.filter(isLive))) !== undefined;
  }
}
