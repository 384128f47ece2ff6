import { createPrivateKey } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { nowMilliseconds } from '../crypto/clock.js';
import { Sealer } from '../crypto/sealer.js';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import { RevisionedCache } from '../database/revisioned-cache.js';
import { DEFAULT_SIGNING_ALG, SIGNING_ALGS, type SigningAlg } from '../protocol/signing-alg.js';
import { makeSigningKey } from './key-maker.js';
import { currentKey, inPublishedOrder, nextChange } from './key-states.js';
import type { PublicJwk } from './public-jwk.js';
import type { SigningKeyRow } from './signing-key.entity.js';
import { SigningKey } from './signing-key.js';
import { SigningKeysRepository } from './signing-keys.repository.js';

/** Owns the signing keys: those of each algorithm in use, made when one is first asked for, sealed at rest. */
@Injectable()
export class KeyRing implements OnModuleInit {
  private readonly imported = new Map<string, SigningKey>();
  /** The key that signs with each algorithm, until an announced one takes its place. */
  private readonly signing = new Map<SigningAlg, { rows: SigningKeyRow[]; key: SigningKey; until: number }>();
  private readonly rows: RevisionedCache<SigningKeyRow[]>;

  constructor(
    private readonly repository: SigningKeysRepository,
    private readonly sealer: Sealer,
    private readonly revision: ConfigurationRevision,
  ) {
    this.rows = new RevisionedCache(revision, 'signing_keys', () => this.load());
  }

  async onModuleInit(): Promise<void> {
    await this.ensure(DEFAULT_SIGNING_ALG);
    // A damaged key is found at the start, not at the first token.
    await this.rows.get('');
  }

  /** The key that signs now with this algorithm; without a promise where it is at hand. */
  current(alg: SigningAlg): SigningKey | Promise<SigningKey> {
    const rows = this.rows.get('');
    const known = this.signing.get(alg);
    return known && known.rows === rows && nowMilliseconds() < known.until ? known.key : this.find(alg);
  }

  private async find(alg: SigningAlg): Promise<SigningKey> {
    const rows = await this.rows.get('');
    const now = nowMilliseconds();
    const known = currentKey(rows, alg, now);
    if (known) {
      const key = this.import(known);
      this.signing.set(alg, { rows, key, until: nextChange(rows, now) });
      return key;
    }
    await this.ensure(alg);
    const made = currentKey(await this.rows.get(''), alg, nowMilliseconds());
    if (!made) throw new Error(`no ${alg} key was made`);
    return this.import(made);
  }

  /** The JWK Set. */
  async publicKeys(): Promise<PublicJwk[]> {
    return inPublishedOrder(await this.rows.get(''), nowMilliseconds()).map(({ publicJwk }) => publicJwk);
  }

  /** The algorithms in use. */
  async algorithms(): Promise<SigningAlg[]> {
    const rows = await this.rows.get('');
    return SIGNING_ALGS.filter((alg) => rows.some((row) => row.alg === alg));
  }

  /** Makes a key for this algorithm unless there is one; of several processes exactly one makes it. */
  async ensure(alg: SigningAlg): Promise<void> {
    if (await this.repository.has(alg)) return;
    const row = await this.make(alg, nowMilliseconds());
    await this.revision.change(['signing_keys'], async () => {
      if (!(await this.repository.has(alg))) await this.repository.add(row);
    });
  }

  /** A new key, not kept yet: making one takes too long for a transaction. */
  async make(alg: SigningAlg, signsFrom: number): Promise<SigningKeyRow> {
    const { privateKey, publicJwk } = await makeSigningKey(alg, nowMilliseconds());
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
    return {
      kid: publicJwk.kid,
      alg,
      publicJwk,
      sealedPrivateKey: this.sealer.seal(purposeOf(publicJwk.kid, alg), pkcs8),
      createdAt: nowMilliseconds(),
      signsFrom,
    };
  }

  private async load(): Promise<SigningKeyRow[]> {
    const rows = await this.repository.all();
    for (const row of rows) this.import(row);
    return rows;
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
