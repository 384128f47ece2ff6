import { hash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

const MAX_SECRETS = 10_000;

/**
 * Secrets that this process itself has stored or compared with the settings, by the id of the stored secret: they count
 * as verified, so that guesses cannot lock them out before their first use. Only a keyed digest is kept.
 */
@Injectable()
export class AcceptedSecrets {
  private readonly key = randomBytes(32).toString('base64url');
  private readonly digests = new LRUCache<string, string>({ max: MAX_SECRETS });

  add(secretId: string, secret: string): void {
    this.digests.set(secretId, this.digestOf(secretId, secret));
  }

  has(secretId: string, secret: string): boolean {
    const digest = this.digests.get(secretId);
    return digest !== undefined && digest === this.digestOf(secretId, secret);
  }

  private digestOf(secretId: string, secret: string): string {
    return hash('sha3-256', JSON.stringify([this.key, secretId, secret]), 'base64url');
  }
}
