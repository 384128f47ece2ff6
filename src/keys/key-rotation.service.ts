import { Injectable } from '@nestjs/common';
import type { Agent } from '../audit/audit-event.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { AgreedClock } from '../crypto/agreed-clock.js';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import { notFound } from '../protocol/problem.js';
import { DEFAULT_SIGNING_ALG, SIGNING_ALGS, type SigningAlg } from '../protocol/signing-alg.js';
import { sharedMilliseconds } from '../runtime/clock.js';
import { type KeyChangeReason, keyAdded, keyChanged, keyRemoved, sessionsOfKeyClosed } from './key-audit.js';
import { KeyRing, type UnkeptKey } from './key-ring.service.js';
import { currentKey, newestKey, nextKey, stateOf, stoppedAt } from './key-states.js';
import type { SigningKeyRow } from './signing-key.entity.js';
import { SigningKeysRepository } from './signing-keys.repository.js';

const HOUR_MILLISECONDS = 3600 * 1000;
const DAY_MILLISECONDS = 24 * HOUR_MILLISECONDS;

/** How long a key is published before it signs: longer than anybody caches the JWK Set. */
const ANNOUNCED_MILLISECONDS = DAY_MILLISECONDS;
const SIGNS_MILLISECONDS = 90 * DAY_MILLISECONDS;
/** No access token lives longer than 30 days; another process may sign a second longer than this one knows. */
const RETIRED_MILLISECONDS = 30 * DAY_MILLISECONDS + HOUR_MILLISECONDS;

/** Who asks for a rotation, and a last check of whether it may, which is made inside the write. */
export interface RotationOrder {
  agent: Agent;
  assertPermitted?: () => Promise<void>;
}

/** Announces, retires and removes signing keys: on a schedule, on demand, and at once when one is compromised. */
@Injectable()
export class KeyRotation {
  constructor(
    private readonly keys: KeyRing,
    private readonly repository: SigningKeysRepository,
    private readonly revision: ConfigurationRevision,
    private readonly trail: AuditTrail,
    private readonly clock: AgreedClock,
  ) {}

  /** What the schedule asks for now, unless the time is in doubt; `isAskedFor` says whether an algorithm is in use. */
  async maintain(isAskedFor: (alg: SigningAlg) => Promise<boolean>): Promise<void> {
    const now = this.clock.removalMilliseconds();
    if (now === undefined) return;
    await this.removeOutlived(now);
    for (const alg of SIGNING_ALGS) {
      if (alg !== DEFAULT_SIGNING_ALG && (await this.repository.has(alg)))
        await this.retireUnused(alg, isAskedFor);
    }
    const due = now + ANNOUNCED_MILLISECONDS - SIGNS_MILLISECONDS;
    await this.follow(due, now + ANNOUNCED_MILLISECONDS, 'schedule', { agent: {} });
  }

  /** Announces a new key for each algorithm in use. */
  async announce(order: RotationOrder): Promise<SigningKeyRow[]> {
    const now = sharedMilliseconds();
    return this.follow(now, now + ANNOUNCED_MILLISECONDS, 'rotated', order);
  }

  /**
   * The next key of each algorithm in use signs at once: the announced one, which verifiers have seen already, else a
   * new one. Of several orders that come together one is carried out. Old keys stay published.
   */
  async rotateAtOnce({ agent, assertPermitted }: RotationOrder): Promise<SigningKeyRow[]> {
    const asked = await this.repository.all();
    const spares = await this.spares(asked);
    return this.revision.change(['signing_keys'], async () => {
      await assertPermitted?.();
      const now = sharedMilliseconds();
      const rows = await this.repository.all();
      const signing: SigningKeyRow[] = [];
      for (const spare of spares) {
        const current = currentKey(rows, spare.alg, now);
        if (current?.kid !== currentKey(asked, spare.alg, now)?.kid) continue;
        const announced = nextKey(rows, spare.alg, now);
        signing.push(
          announced
            ? await this.signAtOnce(announced, now, agent)
            : await this.add({ ...spare, signsFrom: now }, 'rotated_immediately', agent),
        );
      }
      return signing;
    });
  }

  /** The key is gone, and with it every token that it signed; a current one is replaced at once, by one request. */
  async removeCompromised(kid: string, { agent, assertPermitted }: RotationOrder): Promise<SigningKeyRow[]> {
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

  /** Making a key takes too long for a transaction, so one is ready for each algorithm, needed or not. */
  private spares(rows: readonly SigningKeyRow[]): Promise<UnkeptKey[]> {
    const algs = SIGNING_ALGS.filter((alg) => newestKey(rows, alg));
    return Promise.all(algs.map((alg) => this.keys.make(alg, sharedMilliseconds())));
  }

  private async signAtOnce(key: SigningKeyRow, now: number, agent: Agent): Promise<SigningKeyRow> {
    const signing = { ...key, signsFrom: now };
    await this.repository.signFrom(key.kid, now);
    await this.trail.record(keyChanged(key, signing, 'rotated_immediately', agent));
    return signing;
  }

  private async add(key: UnkeptKey, reason: KeyChangeReason, agent: Agent): Promise<SigningKeyRow> {
    const kept = await this.keys.keep(key);
    await this.trail.record(keyAdded(kept, reason, agent));
    return kept;
  }

  /** Adds a key behind every newest one that began to sign at `due` or before; one of several processes does. */
  private async follow(
    due: number,
    signsFrom: number,
    reason: KeyChangeReason,
    order: RotationOrder,
  ): Promise<SigningKeyRow[]> {
    const rows = await this.repository.all();
    const added: SigningKeyRow[] = [];
    for (const alg of SIGNING_ALGS) {
      const newest = newestKey(rows, alg);
      if (!newest || newest.signsFrom > due) continue;
      added.push(...(await this.addBehind(newest, signsFrom, reason, order)));
    }
    return added;
  }

  private async addBehind(
    newest: SigningKeyRow,
    signsFrom: number,
    reason: KeyChangeReason,
    order: RotationOrder,
  ): Promise<SigningKeyRow[]> {
    const next = await this.keys.make(newest.alg, signsFrom);
    return this.revision.change(['signing_keys'], async () => {
      await order.assertPermitted?.();
      if (newestKey(await this.repository.all(), next.alg)?.kid !== newest.kid) return [];
      return [await this.add(next, reason, order.agent)];
    });
  }

  /** Keys of an algorithm that nothing asks for any more sign no longer: they leave like all that have stopped. */
  private async retireUnused(
    alg: SigningAlg,
    isAskedFor: (alg: SigningAlg) => Promise<boolean>,
  ): Promise<void> {
    if (await isAskedFor(alg)) return;
    await this.revision.change(['signing_keys'], async () => {
      // No client and no resource changes from here on.
      if (await isAskedFor(alg)) return;
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
    return stopped !== undefined && stopped + RETIRED_MILLISECONDS < now;
  });

function keyWith(kid: string, rows: readonly SigningKeyRow[]): SigningKeyRow {
  const key = rows.find((row) => row.kid === kid);
  if (!key) throw notFound(`SigningKey ${kid}`);
  return key;
}
