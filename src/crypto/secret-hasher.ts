import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { hash, verify } from '@node-rs/argon2';
import { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import { nowMilliseconds } from '../runtime/clock.js';
import { FairLimiter } from '../runtime/fair-limiter.js';
import { sameDigest } from './digest.js';
import { isMadeSecret } from './handle.js';
import { isImportedHash, matchesImported } from './imported-hash.js';
import { PeppersRepository, pepperPurpose } from './peppers.repository.js';
import { CannotUnseal, Sealer } from './sealer.js';

/** OWASP's parameters for argon2id: 19 MiB, two passes, parallelism 1. */
const ARGON2ID = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

const SLOW_HASHES = { concurrency: 2, maxWaitingPerCaller: 500, maxWaiting: 1000 };
/** New secrets are hashed in turn with the checks of each address. */
const CONFIGURATION = 'configuration';

/**
 * How a secret is stored: a generated one as a keyed hash with the pepper's id, a chosen one as an argon2id hash, or as
 * another system has hashed it, until its first use.
 */
export type SecretHash = { pepperId: string; digest: string } | { pepperId: null; digest: string };

/**
 * Hashes and verifies client secrets. Only the form of the presented secret decides which hash is computed, so the
 * time of a rejection reveals nothing about the client, unless its hash was imported and its secret not used since. At
 * most two slow hashes run at once, in turn by address.
 */
@Injectable()
export class SecretHasher implements OnModuleInit {
  private readonly peppers = new Map<string, Buffer>();
  private currentPepperId = '';
  /** Verified if a client has no chosen secret, so that its rejection takes as long. */
  private decoyHash = '';
  private readonly limiter = new FairLimiter(SLOW_HASHES);

  constructor(
    private readonly repository: PeppersRepository,
    private readonly revision: ConfigurationRevision,
    private readonly sealer: Sealer,
  ) {}

  /** How many slow hashes wait. */
  get waiting(): number {
    return this.limiter.length;
  }

  async onModuleInit(): Promise<void> {
    this.decoyHash = await hash(randomBytes(32).toString('base64url'), ARGON2ID);
    // Queried first: another process may just be creating the first pepper and secrets with it.
    const needed = await this.repository.wereNeeded();
    if ((await this.repository.sealedRows()).length === 0) {
      if (needed)
        throw new CannotUnseal('pepper: missing, but client secrets depend on it; restore it from a backup');
      await this.addFirstPepper();
    }
    for (const { id, purpose, sealed } of await this.repository.sealedRows()) {
      this.peppers.set(id, this.sealer.unseal(purpose, sealed));
      this.currentPepperId = id;
    }
  }

  async hash(secret: string): Promise<SecretHash> {
    if (!isMadeSecret(secret)) {
      return { pepperId: null, digest: await this.limiter.run(CONFIGURATION, () => hash(secret, ARGON2ID)) };
    }
    return { pepperId: this.currentPepperId, digest: this.keyedDigest(this.currentPepperId, secret) };
  }

  /** Returns the hash that the secret matches, or undefined; the work is the same in both cases. */
  async find<T extends SecretHash>(
    secret: string,
    hashes: readonly T[],
    address = CONFIGURATION,
  ): Promise<T | undefined> {
    return isMadeSecret(secret) ? this.findKeyed(secret, hashes) : this.findChosen(secret, hashes, address);
  }

  /**
   * Identifies a wrong secret to other processes for a minute, so that repeating it counts once; it cannot be
   * reversed.
   */
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
    address: string,
  ): Promise<T | undefined> {
    const chosen = hashes.filter(({ pepperId }) => pepperId === null);
    if (chosen.length === 0) await this.limiter.run(address, () => verify(this.decoyHash, secret));
    for (const candidate of chosen) {
      if (await this.limiter.run(address, () => matches(candidate.digest, secret))) return candidate;
    }
    return undefined;
  }

  private keyedDigest(pepperId: string, secret: string): string {
    const pepper = this.peppers.get(pepperId);
    if (!pepper) throw new Error(`there is no pepper ${pepperId}`);
    return createHmac('sha256', pepper).update(secret).digest('base64url');
  }

  /** Configuration changes are serialised, so that processes starting together create one pepper. */
  private async addFirstPepper(): Promise<void> {
    await this.revision.change(['signing_keys'], async () => {
      if ((await this.repository.sealedRows()).length > 0) return;
      const id = randomUUID();
      const sealed = this.sealer.seal(pepperPurpose(id), randomBytes(32));
      await this.repository.add({ id, sealed, createdAt: nowMilliseconds() });
    });
  }
}

const matches = (stored: string, secret: string): Promise<boolean> =>
  isImportedHash(stored) ? matchesImported(stored, secret) : verify(stored, secret);
