import { Injectable } from '@nestjs/common';
import {
  DEFAULT_SIGNING_ALG,
  SIGNING_ALGS,
  type SigningAlg,
} from '../../packages/protocol/src/signing-alg.js';
import type { Agent } from '../audit/audit-event.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { AgreedClock } from '../crypto/agreed-clock.js';
import { ConfigurationRevision } from '../database/revisions/configuration-revision.js';
import { notFound } from '../protocol/problem.js';
import { sharedMilliseconds } from '../runtime/clock.js';
import { type KeyChangeReason, keyAdded, keyChanged, keyRemoved, sessionsOfKeyClosed } from './key-audit.js';
import { KeyRing, type UnstoredKey } from './key-ring.service.js';
import { currentKey, newestKey, nextKey, SIGNING_PERIOD_MS, stateOf, stoppedAt } from './key-states.js';
import type { SigningKeyRow } from './signing-key.entity.js';
import { SigningKeysRepository } from './signing-keys.repository.js';

const HOUR_MILLISECONDS = 3600 * 1000;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;

/** How long a key is published before it signs: longer than verifiers cache the JWK Set. */
const ANNOUNCEMENT_MS = DAY_MILLISECONDS;
/** The maximum lifetime of a token is 30 days; the hour covers cache delays between processes. */
const RETENTION_MS = 30 * DAY_MILLISECONDS + HOUR_MILLISECONDS;

/** The agent of a rotation, and the permission check inside the transaction. */
export interface RotationRequest {
  agent: Agent;
  assertPermitted?: () => Promise<void>;
}

/** Announces, retires and removes signing keys: by schedule, on demand, and immediately if one is compromised. */
@Injectable()
export class KeyRotation {
  constructor(
    private readonly keys: KeyRing,
    private readonly repository: SigningKeysRepository,
    private readonly revision: ConfigurationRevision,
    private readonly trail: AuditTrail,
    private readonly clock: AgreedClock,
  ) {}

  /** Scheduled maintenance, skipped while the clock is in doubt; `isUsed` tells whether an algorithm is in use. */
  async maintain(isUsed: (alg: SigningAlg) => Promise<boolean>): Promise<void> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return;
    await this.removeOutlived(now);
    for (const alg of SIGNING_ALGS) {
      if (alg !== DEFAULT_SIGNING_ALG && (await this.repository.has(alg)))
        await this.retireUnused(alg, isUsed);
    }
    const due = now + ANNOUNCEMENT_MS - SIGNING_PERIOD_MS;
    await this.addSuccessors(due, now + ANNOUNCEMENT_MS, 'schedule', { agent: {} });
  }

  /** Announces a new key for each algorithm in use. */
  async announce(request: RotationRequest): Promise<SigningKeyRow[]> {
    const now = sharedMilliseconds();
    return this.addSuccessors(now, now + ANNOUNCEMENT_MS, 'rotated', request);
  }

  /**
   * Makes the next key of each algorithm in use sign immediately: the announced one, which verifiers already have, or else
   * a new one. Of concurrent requests only one takes effect. Old keys stay published.
   */
  async rotateImmediately({ agent, assertPermitted }: RotationRequest): Promise<SigningKeyRow[]> {
    const before = await this.repository.all();
    const spares = await this.spares(before);
    return this.revision.change(['signing_keys'], async () => {
      await assertPermitted?.();
      const now = sharedMilliseconds();
      const rows = await this.repository.all();
      const signing: SigningKeyRow[] = [];
      for (const spare of spares) {
        const current = currentKey(rows, spare.alg, now);
        if (current?.kid !== currentKey(before, spare.alg, now)?.kid) continue;
        const announced = nextKey(rows, spare.alg, now);
        signing.push(
          announced
            ? await this.signImmediately(announced, now, agent)
            : await this.add({ ...spare, signsFrom: now }, 'rotated_immediately', agent),
        );
      }
      return signing;
    });
  }

  /** Removes the key and so invalidates every token that it signed. A current key is replaced in the same transaction. */
  async removeCompromised(
    kid: string,
    { agent, assertPermitted }: RotationRequest,
  ): Promise<SigningKeyRow[]> {
    const { alg } = keyWith(kid, await this.repository.all());
    const spare = await this.keys.make(alg, sharedMilliseconds());
    const added = await this.revision.change(['signing_keys'], async () => {
      await assertPermitted?.();
      const now = sharedMilliseconds();
      const rows = await this.repository.all();
      const key = keyWith(kid, rows);
      await this.repository.remove(kid);
      await this.trail.record(keyRemoved(key, 'compromised', agent), sessionsOfKeyClosed(key, agent));
      if (stateOf(key, rows, now) !== 'current') return [];
      return [await this.add({ ...spare, signsFrom: now }, 'compromised', agent)];
    });
    await this.revision.seenEverywhere();
    return added;
  }

  /** Generating a key takes too long for a transaction, so one is prepared for each algorithm, needed or not. */
  private spares(rows: readonly SigningKeyRow[]): Promise<UnstoredKey[]> {
    const algs = SIGNING_ALGS.filter((alg) => newestKey(rows, alg));
    return Promise.all(algs.map((alg) => this.keys.make(alg, sharedMilliseconds())));
  }

  private async signImmediately(key: SigningKeyRow, now: number, agent: Agent): Promise<SigningKeyRow> {
    const signing = { ...key, signsFrom: now };
    await this.repository.signFrom(key.kid, now);
    await this.trail.record(keyChanged(key, signing, 'rotated_immediately', agent));
    return signing;
  }

  private async add(key: UnstoredKey, reason: KeyChangeReason, agent: Agent): Promise<SigningKeyRow> {
    const stored = await this.keys.store(key);
    await this.trail.record(keyAdded(stored, reason, agent));
    return stored;
  }

  /** Adds a successor to every newest key that has been signing since `due` or longer; one of several processes does. */
  private async addSuccessors(
    due: number,
    signsFrom: number,
    reason: KeyChangeReason,
    request: RotationRequest,
  ): Promise<SigningKeyRow[]> {
    const rows = await this.repository.all();
    const added: SigningKeyRow[] = [];
    for (const alg of SIGNING_ALGS) {
      const newest = newestKey(rows, alg);
      if (!newest || newest.signsFrom > due) continue;
      added.push(...(await this.addSuccessor(newest, signsFrom, reason, request)));
    }
    return added;
  }

  private async addSuccessor(
    newest: SigningKeyRow,
    signsFrom: number,
    reason: KeyChangeReason,
    request: RotationRequest,
  ): Promise<SigningKeyRow[]> {
    const next = await this.keys.make(newest.alg, signsFrom);
    return this.revision.change(['signing_keys'], async () => {
      await request.assertPermitted?.();
      if (newestKey(await this.repository.all(), next.alg)?.kid !== newest.kid) return [];
      return [await this.add(next, reason, request.agent)];
    });
  }

  /** Retires the keys of an algorithm that is no longer used; they are removed like other retired keys. */
  private async retireUnused(alg: SigningAlg, isUsed: (alg: SigningAlg) => Promise<boolean>): Promise<void> {
    if (await isUsed(alg)) return;
    await this.revision.change(['signing_keys'], async () => {
      // Inside the transaction, no client and no resource can change any more.
      if (await isUsed(alg)) return;
      const retiredAt = sharedMilliseconds();
      for (const key of await this.repository.all()) {
        if (key.alg !== alg || key.retiredAt !== null) continue;
        await this.repository.retire(key.kid, retiredAt);
        await this.trail.record(keyChanged(key, { ...key, retiredAt }, 'unused'));
      }
    });
  }

  private async removeOutlived(now: number): Promise<void> {
    if (outlived(await this.repository.all(), now).length === 0) return;
    await this.revision.change(['signing_keys'], async () => {
      for (const key of outlived(await this.repository.all(), now)) {
        await this.repository.remove(key.kid);
        await this.trail.record(keyRemoved(key, 'outlived'));
      }
    });
  }
}

const outlived = (rows: readonly SigningKeyRow[], now: number): SigningKeyRow[] =>
  rows.filter((row) => {
    const stopped = stoppedAt(row, rows, now);
    return stopped !== undefined && stopped + RETENTION_MS < now;
  });

function keyWith(kid: string, rows: readonly SigningKeyRow[]): SigningKeyRow {
  const key = rows.find((row) => row.kid === kid);
  if (!key) throw notFound('SigningKey', kid);
  return key;
}
