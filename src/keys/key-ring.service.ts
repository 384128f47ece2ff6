import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  DEFAULT_SIGNING_ALG,
  SIGNING_ALGS,
  type SigningAlg,
} from '../../packages/protocol/src/signing-alg.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { Log } from '../config/log.js';
import { CurrentSeal } from '../crypto/current-seal.js';
import { CannotUnseal, Sealer } from '../crypto/sealer.js';
import { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import { RevisionedCache } from '../database/revisions/revisioned-cache.js';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import { sharedMilliseconds } from '../runtime/clock.js';
import { keyAdded } from './key-audit.js';
import { makeSigningKey } from './key-maker.js';
import { assertMatchingPair } from './key-pair-check.js';
import { currentKey, inPublishedOrder, type KeyState, nextChange, stateOf } from './key-states.js';
import type { PublicJwk } from './public-jwk.js';
import type { SigningKeyRow } from './signing-key.entity.js';
import { SigningKey } from './signing-key.js';
import { SigningKeysRepository, signingKeyPurpose } from './signing-keys.repository.js';

/** A new key that is not stored yet: generating one takes too long for a transaction. */
export type UnstoredKey = Omit<SigningKeyRow, 'sealedPrivateKey'> & { privateKey: KeyObject };

/** The signing keys of each algorithm in use, generated at first use and sealed at rest. */
@Injectable()
export class KeyRing implements OnModuleInit {
  private readonly imported = new Map<string, SigningKey>();
  /** The key that signs with each algorithm, until an announced one replaces it. */
  private readonly signing = new Map<SigningAlg, { rows: SigningKeyRow[]; key: SigningKey; until: number }>();
  private readonly rows: RevisionedCache<SigningKeyRow[]>;

  constructor(
    private readonly repository: SigningKeysRepository,
    private readonly sealer: Sealer,
    private readonly currentSeal: CurrentSeal,
    private readonly revision: ConfigurationRevision,
    private readonly log: Log,
    private readonly trail: AuditTrail,
  ) {
    this.rows = new RevisionedCache(revision, 'signing_keys', () => repository.all());
  }

  async onModuleInit(): Promise<void> {
    // Detects a damaged key at the start, and does not replace it. wereNeeded comes first, because another process may
    // be generating the first key concurrently.
    const needed = await this.repository.wereNeeded();
    const rows = await this.readable();
    if (needed && rows.length === 0) throw keysLost();
    for (const row of rows) this.import(row);
    await this.ensure(DEFAULT_SIGNING_ALG);
    await this.rows.get('');
  }

  /** The key that signs now with this algorithm. */
  async current(alg: SigningAlg): Promise<SigningKey> {
    const rows = this.rows.peek('') ?? (await this.rows.get(''));
    const now = sharedMilliseconds();
    const known = this.signing.get(alg);
    return known && known.rows === rows && now < known.until ? known.key : this.find(alg, rows, now);
  }

  private async find(alg: SigningAlg, rows: SigningKeyRow[], now: number): Promise<SigningKey> {
    const known = currentKey(rows, alg, now);
    if (known) {
      const key = await this.opened(known);
      this.signing.set(alg, { rows, key, until: nextChange(rows, now) });
      return key;
    }
    await this.ensure(alg);
    // Another process may have made it within the second for which this one caches the rows.
    const made = currentKey(await this.repository.all(), alg, sharedMilliseconds());
    if (!made) throw new Error(`no ${alg} key was created`);
    return this.opened(made);
  }

  /** The JWK Set without cache delay: another process may sign with a key as soon as it is stored. */
  async publicKeys(): Promise<PublicJwk[]> {
    await this.revision.now();
    return inPublishedOrder(await this.rows.get(''), sharedMilliseconds()).map(({ publicJwk }) => publicJwk);
  }

  /** The algorithms in use. */
  async algorithms(): Promise<SigningAlg[]> {
    const rows = await this.rows.get('');
    return SIGNING_ALGS.filter((alg) => rows.some((row) => row.alg === alg));
  }

  /** All keys that are published. */
  async states(): Promise<{ alg: SigningAlg; state: KeyState; createdAt: number }[]> {
    const rows = await this.rows.get('');
    const now = sharedMilliseconds();
    return rows.map((row) => ({
      alg: row.alg,
      state: stateOf(row, rows, now),
      createdAt: row.createdAt,
    }));
  }

  /** Adds a key for this algorithm unless there is one; of several processes exactly one does. */
  async ensure(alg: SigningAlg): Promise<void> {
    if (await this.repository.has(alg)) return;
    const made = await this.make(alg, sharedMilliseconds());
    await this.revision.change(['signing_keys'], async () => {
      if (await this.repository.has(alg)) return;
      await this.trail.record(keyAdded(await this.store(made), 'first_of_its_algorithm'));
    });
  }

  async make(alg: SigningAlg, signsFrom: number): Promise<UnstoredKey> {
    const { privateKey, publicJwk } = await makeSigningKey(alg, sharedMilliseconds());
    return {
      kid: publicJwk.kid,
      alg,
      publicJwk,
      privateKey,
      createdAt: sharedMilliseconds(),
      signsFrom,
      retiredAt: null,
    };
  }

  /** Seals a new key and stores it, within a change of the configuration. */
  async store({ privateKey, ...key }: UnstoredKey): Promise<SigningKeyRow> {
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
    const sealedPrivateKey = await this.orUnavailable(() =>
      this.currentSeal.seal(signingKeyPurpose(key), pkcs8),
    );
    const row = { ...key, sealedPrivateKey };
    await this.repository.add(row);
    return row;
  }

  private async readable(): Promise<readonly SigningKeyRow[]> {
    try {
      return await this.rows.get('');
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw new CannotUnseal('signing_key: a public_jwk was changed or damaged; restore it from a backup');
    }
  }

  private async opened(row: SigningKeyRow): Promise<SigningKey> {
    return this.imported.get(row.kid) ?? this.orUnavailable(async () => this.import(row));
  }

  private import(row: SigningKeyRow): SigningKey {
    let key = this.imported.get(row.kid);
    if (!key) {
      const pkcs8 = this.sealer.unseal(signingKeyPurpose(row), row.sealedPrivateKey);
      const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
      assertMatchingPair(row, privateKey);
      key = new SigningKey(row.kid, row.alg, privateKey);
      this.imported.set(row.kid, key);
    }
    return key;
  }

  /** A running server that lacks a master key rejects requests that need it, and serves all others. */
  private async orUnavailable<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof CannotUnseal)) throw error;
      this.log.error({ reason: error.message }, 'key cannot be unsealed');
      throw new TemporarilyUnavailable(error);
    }
  }
}

const keysLost = () =>
  new CannotUnseal(
    'signing_key: the table is empty, but tokens were issued; restore it from a backup, or empty the table session',
  );
