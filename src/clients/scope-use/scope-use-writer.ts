import { Injectable } from '@nestjs/common';
import {
  DurableWriter,
  FORCE_PRIMARY,
  flattenValues,
  places,
  type Statement,
} from '../../database/durable-writer.js';
import { DatabaseEngine } from '../../database/engine/engine.js';
import { Outage } from '../../database/outage.js';
import { WriteBehindJob } from '../../runtime/write-behind-job.js';
import { addUse, foldedIdentifiers, foldedWhole, type ScopeUse, scopeUseId } from './scope-use.js';
import { ScopeUseCounts } from './scope-use-counts.js';
import { ScopeUsesRepository } from './scope-uses.repository.js';

const WRITE_INTERVAL_MS = 30_000;
const USES_PER_WRITE = 64;

/** Of one client: further items count as their operation on any identifier, and beyond the second limit as anything. */
const MAX_EXACT_ITEMS = 200;
const MAX_ITEMS = 1000;

const newRow = ({ folded }: ScopeUse): string =>
  `SELECT ?, id, ?, ?, ?, ${folded ? 1 : 0}, 0, 0, 0, 0 FROM client WHERE id = ?`;

/** Writes the counted uses of scope items behind the requests, a few per write. */
@Injectable()
export class ScopeUseWriter extends WriteBehindJob {
  /** What is left of this round, by id. */
  private writing = new Map<string, ScopeUse>();

  constructor(
    private readonly counts: ScopeUseCounts,
    private readonly stored: ScopeUsesRepository,
    private readonly writer: DurableWriter,
    private readonly engine: DatabaseEngine,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: { busy: 0, idle: WRITE_INTERVAL_MS },
      busyShare: 0.25,
      failureMessage: 'scope use update failed',
    });
  }

  /** The uses in this process that are not written yet. */
  unwrittenOf(clientId: string): ScopeUse[] {
    const writing = [...this.writing.values()].filter((use) => use.clientId === clientId);
    return [...writing, ...this.counts.ofClient(clientId)];
  }

  protected hasUnwritten(): boolean {
    return this.writing.size > 0 || !this.counts.empty;
  }

  /** One write; resolves to whether there is more to write in this round. */
  protected async step(): Promise<boolean> {
    if (this.writing.size === 0) this.writing = byId(this.counts.take());
    const taken = [...this.writing].slice(0, USES_PER_WRITE);
    if (taken.length === 0) return false;
    const some = await this.withinLimits(new Map(taken));
    await this.writer.write({ statements: [this.insertMissing(some)] });
    await this.writer.write({ statements: [additionOf(some)] });
    for (const [id] of taken) this.writing.delete(id);
    return this.writing.size > 0;
  }

  private async withinLimits(uses: Map<string, ScopeUse>): Promise<[string, ScopeUse][]> {
    const known = await this.stored.known([...uses.keys()]);
    const fresh = [...uses].filter(([id]) => !known.has(id));
    if (fresh.length === 0) return [...uses];
    const clientIds = [...new Set(fresh.map(([, { clientId }]) => clientId))];
    const items = await this.stored.counted(clientIds);
    const folded = [...uses].map(([id, use]) => {
      if (known.has(id)) return use;
      const count = (items.get(use.clientId) ?? 0) + 1;
      items.set(use.clientId, count);
      if (count > MAX_ITEMS) return foldedWhole(use);
      return count > MAX_EXACT_ITEMS ? foldedIdentifiers(use) : use;
    });
    return [...byId(folded)];
  }

  /** Not for a client that was deleted since. */
  private insertMissing(uses: readonly [string, ScopeUse][]): Statement {
    return {
      sql: this.engine.schema.insertMissing(
        `scope_use (id, client_id, resource, identifier, operation, folded, first_used_at, last_used_at, verified,
           introspected) ${uses.map(([, use]) => newRow(use)).join(' UNION ALL ')}`,
      ),
      values: flattenValues(
        uses.map(([id, { clientId, resource, identifier, operation }]) => [
          id,
          resource,
          identifier,
          operation,
          clientId,
        ]),
      ),
    };
  }
}

function byId(uses: readonly ScopeUse[]): Map<string, ScopeUse> {
  const found = new Map<string, ScopeUse>();
  for (const use of uses) {
    const id = scopeUseId(use);
    const known = found.get(id);
    if (known) addUse(known, use);
    else found.set(id, { ...use });
  }
  return found;
}

/** Keeps a later use that another process has recorded. PostgreSQL takes the type of a CASE from its last value. */
function additionOf(uses: readonly [string, ScopeUse][]): Statement {
  const ids = uses.map(([id]) => id);
  const choice = (then: string, otherwise: string) =>
    `CASE id ${ids.map(() => `WHEN ? THEN ${then}`).join(' ')} ELSE ${otherwise} END`;
  const values = (of: (use: ScopeUse) => number) => uses.flatMap(([id, use]) => [id, of(use)]);
  const times = (of: (use: ScopeUse) => number) => uses.flatMap(([id, use]) => [id, of(use), of(use)]);
  return {
    sql: `UPDATE scope_use ${FORCE_PRIMARY} SET verified = ${choice('verified + ?', 'verified')},
        introspected = ${choice('introspected + ?', 'introspected')},
        first_used_at = ${choice('CASE WHEN first_used_at IN (0, ?) THEN ? ELSE first_used_at END', 'first_used_at')},
        last_used_at = ${choice('CASE WHEN last_used_at < ? THEN ? ELSE last_used_at END', 'last_used_at')}
      WHERE id IN (${places(ids)})`,
    values: [
      ...values(({ verified }) => verified),
      ...values(({ introspected }) => introspected),
      ...times(({ firstUsedAt }) => firstUsedAt),
      ...times(({ lastUsedAt }) => lastUsedAt),
      ...ids,
    ],
  };
}
