import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Agent } from '../audit/audit-event.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { Log } from '../config/log.js';
import { nowMilliseconds } from '../crypto/clock.js';
import { ConfigurationRevision } from '../database/configuration-revision.js';
import { notFound } from '../protocol/problem.js';
import { SIGNING_ALGS } from '../protocol/signing-alg.js';
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
/** No access token lives longer. */
const RETIRED_MILLISECONDS = 30 * DAY_MILLISECONDS;

/** Announces, retires and removes signing keys: on a schedule, on demand, and at once when one is compromised. */
@Injectable()
export class KeyRotation implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly keys: KeyRing,
    private readonly repository: SigningKeysRepository,
    private readonly revision: ConfigurationRevision,
    private readonly trail: AuditTrail,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.tend().catch((error: Error) =>
        this.log.warn({ fault: error.name }, 'the signing keys were not tended'),
      );
    }, HOUR_MILLISECONDS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** What the schedule asks for now; the keys that it added. */
  async tend(): Promise<SigningKeyRow[]> {
    const now = nowMilliseconds();
    await this.removeOutlived(now);
    const due = now + ANNOUNCED_MILLISECONDS - SIGNS_MILLISECONDS;
    return this.follow(due, now + ANNOUNCED_MILLISECONDS, 'schedule', {});
  }

  /** Announces a new key for each algorithm in use. */
  async announce(agent: Agent): Promise<SigningKeyRow[]> {
    const now = nowMilliseconds();
    return this.follow(now, now + ANNOUNCED_MILLISECONDS, 'rotated', agent);
  }

  /**
   * The next key of each algorithm in use signs at once: the announced one, which verifiers have seen already, else a
   * new one. Of several orders that come together one is carried out. Old keys stay published.
   */
  async rotateAtOnce(agent: Agent): Promise<SigningKeyRow[]> {
    const asked = await this.repository.all();
    const spares = await this.spares(asked);
    return this.revision.change(['signing_keys'], async () => {
      const now = nowMilliseconds();
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
  async removeCompromised(kid: string, agent: Agent): Promise<SigningKeyRow[]> {
    const { alg } = keyWith(kid, await this.repository.all());
    const spare = await this.keys.make(alg, nowMilliseconds());
    return this.revision.change(['signing_keys'], async () => {
      const now = nowMilliseconds();
      const rows = await this.repository.all();
      const key = keyWith(kid, rows);
      await this.repository.remove(kid);
      await this.trail.record(keyRemoved(key, 'compromised', agent), sessionsOfKeyClosed(key, agent));
      if (stateOf(key, rows, now) !== 'current') return [];
      return [await this.add({ ...spare, signsFrom: now }, 'compromised', agent)];
    });
  }

  /** Making a key takes too long for a transaction, so one is ready for each algorithm, needed or not. */
  private spares(rows: readonly SigningKeyRow[]): Promise<UnkeptKey[]> {
    const algs = SIGNING_ALGS.filter((alg) => newestKey(rows, alg));
    return Promise.all(algs.map((alg) => this.keys.make(alg, nowMilliseconds())));
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
    agent: Agent,
  ): Promise<SigningKeyRow[]> {
    const rows = await this.repository.all();
    const added: SigningKeyRow[] = [];
    for (const alg of SIGNING_ALGS) {
      const newest = newestKey(rows, alg);
      if (!newest || newest.signsFrom > due) continue;
      added.push(...(await this.addBehind(newest, signsFrom, reason, agent)));
    }
    return added;
  }

  private async addBehind(
    newest: SigningKeyRow,
    signsFrom: number,
    reason: KeyChangeReason,
    agent: Agent,
  ): Promise<SigningKeyRow[]> {
    const next = await this.keys.make(newest.alg, signsFrom);
    return this.revision.change(['signing_keys'], async () => {
      if (newestKey(await this.repository.all(), next.alg)?.kid !== newest.kid) return [];
      return [await this.add(next, reason, agent)];
    });
  }

  private async removeOutlived(now: number): Promise<void> {
    const rows = await this.repository.all();
    const outlived = rows.filter((row) => {
      const stopped = stoppedAt(row, rows, now);
      return stopped !== undefined && stopped + RETIRED_MILLISECONDS < now;
    });
    if (outlived.length === 0) return;
    await this.revision.change(['signing_keys'], async () => {
      for (const key of outlived) {
        await this.repository.remove(key.kid);
        await this.trail.record(keyRemoved(key, 'outlived'));
      }
    });
  }
}

function keyWith(kid: string, rows: readonly SigningKeyRow[]): SigningKeyRow {
  const key = rows.find((row) => row.kid === kid);
  if (!key) throw notFound(`SigningKey ${kid}`);
  return key;
}
