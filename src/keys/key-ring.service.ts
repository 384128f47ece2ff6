import { createPrivateKey } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { nowMilliseconds } from '../crypto/clock.js';
import { Sealer } from '../crypto/sealer.js';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import { RevisionedCache } from '../database/revisioned-cache.js';
import { DEFAULT_SIGNING_ALG, SIGNING_ALGS, type SigningAlg } from '../protocol/signing-alg.js';
import { makeSigningKey } from './key-maker.js';
import type { PublicJwk } from './public-jwk.js';
import type { SigningKeyRow } from './signing-key.entity.js';
import { SigningKey } from './signing-key.js';
import { SigningKeysRepository } from './signing-keys.repository.js';

/** What the keys of one moment amount to. */
interface Ring {
  current: Map<SigningAlg, SigningKey>;
  published: PublicJwk[];
}

/** Owns the signing keys: one for each algorithm in use, made when it is first asked for, sealed at rest. */
@Injectable()
export class KeyRing implements OnModuleInit {
  private readonly imported = new Map<string, SigningKey>();
  private readonly ring: RevisionedCache<Ring>;

  constructor(
    private readonly repository: SigningKeysRepository,
    private readonly sealer: Sealer,
    private readonly revision: ConfigurationRevision,
  ) {
    this.ring = new RevisionedCache(revision, 'signing_keys', () => this.load());
  }

  async onModuleInit(): Promise<void> {
    await this.ensure(DEFAULT_SIGNING_ALG);
    // A damaged key is found at the start, not at the first token.
    await this.ring.get('');
  }

  /** The key that signs now with this algorithm. */
  async current(alg: SigningAlg): Promise<SigningKey> {
    const known = (await this.ring.get('')).current.get(alg);
    if (known) return known;
    await this.ensure(alg);
    const made = (await this.ring.get('')).current.get(alg);
    if (!made) throw new Error(`no ${alg} key was made`);
    return made;
  }

  /** The JWK Set: the RS256 key first, because older verifiers read only the first one. */
  async publicKeys(): Promise<PublicJwk[]> {
    return (await this.ring.get('')).published;
  }

  /** The algorithms in use. */
  async algorithms(): Promise<SigningAlg[]> {
    return [...(await this.ring.get('')).current.keys()];
  }

  /** Makes a key for this algorithm unless there is one; of several processes exactly one makes it. */
  async ensure(alg: SigningAlg): Promise<void> {
    if (await this.repository.has(alg)) return;
    const { privateKey, publicJwk } = await makeSigningKey(alg, nowMilliseconds());
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
    await this.revision.change(['signing_keys'], async () => {
      if (await this.repository.has(alg)) return;
      await this.repository.add({
        kid: publicJwk.kid,
        alg,
        publicJwk,
        sealedPrivateKey: this.sealer.seal(purposeOf(publicJwk.kid, alg), pkcs8),
        createdAt: nowMilliseconds(),
      });
    });
  }

  private async load(): Promise<Ring> {
    const rows = await this.repository.all();
    const current = new Map<SigningAlg, SigningKey>();
    for (const alg of SIGNING_ALGS) {
      const newest = rows.find((row) => row.alg === alg);
      if (newest) current.set(alg, this.import(newest));
    }
    const order = (row: SigningKeyRow) => SIGNING_ALGS.indexOf(row.alg);
    return { current, published: rows.sort((a, b) => order(a) - order(b)).map((row) => row.publicJwk) };
  }

  private import({ kid, alg, sealedPrivateKey }: SigningKeyRow): SigningKey {
    let key = this.imported.get(kid);
    if (!key) {
      const pkcs8 = this.sealer.unseal(purposeOf(kid, alg), sealedPrivateKey);
      key = new SigningKey(kid, alg, createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
      this.imported.set(kid, key);
    }
    return key;
  }
}

const purposeOf = (kid: string, alg: SigningAlg): string => `signing key ${kid} ${alg}`;
