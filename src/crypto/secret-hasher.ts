import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { sameDigest } from './digest.js';
import { isMadeSecret } from './handle.js';
import { PeppersRepository, pepperPurpose } from './peppers.repository.js';
import { CannotUnseal, Sealer } from './sealer.js';
import { SlowLane } from './slow-lane.js';

/** OWASP's figures for argon2id: 19 MiB, two passes, one lane. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** How a secret is kept: a made one under a keyed hash with the pepper's id, a chosen one under argon2id. */
export type SecretHash = { pepperId: string; digest: string } | { pepperId: null; digest: string };

/**
 * Hashes and checks client secrets. The form of the presented secret alone decides which hash is computed, so that
 * the time of a refusal tells nothing about the client; at most two slow hashes run at once.
 */
@Injectable()
export class SecretHasher implements OnModuleInit {
  private readonly peppers = new Map<string, Buffer>();
  private currentPepperId = '';
  /** Nobody's secret: checked where a client has no chosen one, so that its refusal takes as long. */
  private nobody = '';
  private readonly slowLane = new SlowLane(2, 1000, () => new TemporarilyUnavailable());

  constructor(
    private readonly repository: PeppersRepository,
    private readonly revision: ConfigurationRevision,
    private readonly sealer: Sealer,
  ) {}

  async onModuleInit(): Promise<void> {
    this.nobody = await hash(randomBytes(32).toString('base64url'), ARGON2ID);
    // Asked for first: another process may be making the first pepper and its secrets just now.
    const needed = await this.repository.wereNeeded();
    if ((await this.repository.sealedRows()).length === 0) {
      if (needed)
        throw new CannotUnseal('pepper: it is gone, and client secrets need it; restore it from a backup');
      await this.addFirstPepper();
    }
    for (const { id, purpose, sealed } of await this.repository.sealedRows()) {
      this.peppers.set(id, this.sealer.unseal(purpose, sealed));
      this.currentPepperId = id;
    }
  }

  async hash(secret: string): Promise<SecretHash> {
    if (!isMadeSecret(secret)) {
      return { pepperId: null, digest: await this.slowLane.run(() => hash(secret, ARGON2ID)) };
    }
    return { pepperId: this.currentPepperId, digest: this.keyedDigest(this.currentPepperId, secret) };
  }

  /** Answers which of the hashes the secret fits, or nothing; the work is the same whether one fits or not. */
  async find<T extends SecretHash>(secret: string, hashes: readonly T[]): Promise<T | undefined> {
    return isMadeSecret(secret) ? this.findKeyed(secret, hashes) : this.findChosen(secret, hashes);
  }

  /** Names a wrong secret to other processes for a minute, so that it counts once; nothing can be read from it. */
  fingerprint(text: string): string {
    return this.keyedDigest(this.currentPepperId, `wrong secret\0${text}`);
  }

  private findKeyed<T extends SecretHash>(secret: string, hashes: readonly T[]): T | undefined {
    const digests = new Map([...this.peppers.keys()].map((id) => [id, this.keyedDigest(id, secret)]));
    return hashes.find(({ pepperId, digest }) => {
      const presented = pepperId === null ? undefined : digests.get(pepperId);
      return presented !== undefined && sameDigest(presented, digest);
    });
  }

  private async findChosen<T extends SecretHash>(
    secret: string,
    hashes: readonly T[],
  ): Promise<T | undefined> {
    const chosen = hashes.filter(({ pepperId }) => pepperId === null);
    if (chosen.length === 0) await this.slowLane.run(() => verify(this.nobody, secret));
    for (const candidate of chosen) {
      if (await this.slowLane.run(() => verify(candidate.digest, secret))) return candidate;
    }
    return undefined;
  }

  private keyedDigest(pepperId: string, secret: string): string {
    const pepper = this.peppers.get(pepperId);
    if (!pepper) throw new Error(`there is no pepper ${pepperId}`);
    return createHmac('sha256', pepper).update(secret).digest('base64url');
  }

  /** Writes of configuration take turns, so that processes which start together make one pepper. */
  private async addFirstPepper(): Promise<void> {
    await this.revision.change(['signing_keys'], async () => {
      if ((await this.repository.sealedRows()).length > 0) return;
      const id = randomUUID();
      const sealed = this.sealer.seal(pepperPurpose(id), randomBytes(32));
      await this.repository.add({ id, sealed, createdAt: nowMilliseconds() });
    });
  }
}
