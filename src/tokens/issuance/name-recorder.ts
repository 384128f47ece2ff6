import { Inject, Injectable, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Heartbeat } from '../../database/engine/heartbeat.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { type CarriedName, CarriedNames } from '../../resources/carried-names.repository.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import type { CarriedByTokens } from './carried-names.js';

const MAX_NAMES = 50_000;
/** APIs that verify JWTs themselves accept them a little longer. */
const LEEWAY_MS = 60_000;
/** Later than needed by this share of a token's lifetime, so that equal requests write once in that time. */
const AHEAD = 1 / 16;

/** Records the names that JWTs carry before they are issued, once for all equal ones of some minutes. */
@Injectable()
export class NameRecorder {
  /** By name, until when it is recorded. */
  private readonly recorded = new LRUCache<string, number>({ max: MAX_NAMES });
  private readonly pending = new WeakMap<CarriedByTokens, Promise<boolean>>();
  private moves = 0;

  constructor(
    private readonly names: CarriedNames,
    private readonly revision: ConfigurationRevision,
    @Optional() @Inject(Heartbeat) private readonly heartbeat?: Pick<Heartbeat, 'moves'>,
  ) {}

  /** Returns false if the configuration has changed, so that the request must be judged again. */
  async record(carried: CarriedByTokens, lifetimeSeconds: number): Promise<boolean> {
    this.forgetAfterMove();
    const needed = nowMilliseconds() + lifetimeSeconds * 1000 + LEEWAY_MS;
    const missing = carried.names.filter((name) => (this.recorded.get(keyOf(name)) ?? 0) < needed);
    if (missing.length === 0) return true;
    const pending = this.pending.get(carried);
    if (pending) return (await pending) && this.record(carried, lifetimeSeconds);
    const write = this.write(missing, needed + AHEAD * lifetimeSeconds * 1000, carried.claims);
    this.pending.set(carried, write);
    try {
      return await write;
    } finally {
      this.pending.delete(carried);
    }
  }

  private async write(names: readonly CarriedName[], until: number, claims: number): Promise<boolean> {
    const endsAt = Math.ceil(until);
    const isRecorded = await this.names.record(names, endsAt, claims);
    if (isRecorded) for (const name of names) this.recorded.set(keyOf(name), endsAt);
    else await this.revision.now();
    return isRecorded;
  }

  /** Another host of the database may lack the last records. */
  private forgetAfterMove(): void {
    const moves = this.heartbeat?.moves ?? 0;
    if (moves !== this.moves) this.recorded.clear();
    this.moves = moves;
  }
}

/** No part contains a space. */
const keyOf = ({ audience, operation, clientId }: CarriedName): string =>
  `${audience} ${operation} ${clientId}`;
