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
import { nowMilliseconds } from '../../runtime/clock.js';
import { WriteBehindJob } from '../../runtime/write-behind-job.js';
import {
  keyUseId,
  type LastUse,
  type Origin,
  ruleUseId,
  shortName,
  shortUserAgent,
  type UsedRule,
} from '../usage/last-use.js';
import { type Noted, UnwrittenUses } from './unwritten-uses.js';

const WRITE_INTERVAL_MS = 10_000;
const USES_PER_WRITE = 32;
/** More credentials are not used within a pause, unless the database is away: a use beyond is not recorded. */
const MAX_UNWRITTEN = 100_000;

/** The origin of a use is reused for this long, so that a request need not determine its own. */
const ORIGIN_MS = 1000;

const NEW_ROW = `SELECT ?, id, ?, '', 0, '', '' FROM client WHERE id = ?`;

/**
 * Records when and from where each credential was last used, with write-behind, so that no token request waits for it: a
 * few credentials per write.
 */
@Injectable()
export class CredentialUse extends WriteBehindJob {
  private unwritten = new UnwrittenUses();
  /** The entries of the current round of writes. */
  private writing = new UnwrittenUses();

  constructor(
    private readonly writer: DurableWriter,
    private readonly engine: DatabaseEngine,
    outage: Outage,
  ) {
    super(outage, {
      intervalMs: { busy: 0, idle: WRITE_INTERVAL_MS },
      busyShare: 0.5,
      failureMessage: 'credential last-use update failed',
    });
  }

  noteSecret(clientId: string, secretId: string, originOf: () => Origin): void {
    this.note(secretId, clientId, 'secret', '', originOf);
  }

  /** `slot` identifies the key among those of its client. */
  noteKey(clientId: string, slot: string, kid: string | undefined, origin: Origin): void {
    this.note(keyUseId(clientId, slot), clientId, 'key', shortName(kid ?? ''), () => origin);
  }

  noteRule(clientId: string, rule: UsedRule, origin: Origin): void {
    const name = shortName(`${rule.issuer} ${rule.subject}`);
    this.note(ruleUseId(clientId, rule), clientId, 'rule', name, () => origin);
  }

  /** The last uses in this process that are not written yet. */
  lastUsesOf(clientId: string): LastUse[] {
    return [...this.writing.ofClient(clientId), ...this.unwritten.ofClient(clientId)];
  }

  private note(
    id: string,
    clientId: string,
    kind: LastUse['kind'],
    name: string,
    originOf: () => Origin,
  ): void {
    const now = nowMilliseconds();
    const known = this.unwritten.find(id);
    if (known && now >= known.originAt && now - known.originAt < ORIGIN_MS && known.name === name) {
      known.usedAt = now;
      return;
    }
    if (!known && this.unwritten.size >= MAX_UNWRITTEN) return;
    const { address, userAgent } = originOf();
    const latest = { name, address, userAgent: shortUserAgent(userAgent), usedAt: now, originAt: now };
    if (known) Object.assign(known, latest);
    else this.unwritten.add({ id, clientId, kind, ...latest });
  }

  protected hasUnwritten(): boolean {
    return this.unwritten.size + this.writing.size > 0;
  }

  /** One write; resolves to whether there is more to write in this round. */
  protected async step(): Promise<boolean> {
    if (this.writing.size === 0) {
      this.writing = this.unwritten;
      this.unwritten = new UnwrittenUses();
    }
    const some = this.writing.first(USES_PER_WRITE);
    if (some.length === 0) return false;
    await this.writer.write({ statements: [this.insertMissing(some)] });
    await this.writer.write({ statements: [recordOf(some)] });
    this.writing.remove(some);
    return this.writing.size > 0;
  }

  /** Not for a client that was deleted since. */
  private insertMissing(uses: readonly Noted[]): Statement {
    return {
      sql: this.engine.schema.insertMissing(
        `last_use (id, client_id, kind, name, used_at, address, user_agent)
         ${uses.map(() => NEW_ROW).join(' UNION ALL ')}`,
      ),
      values: flattenValues(uses.map(({ id, clientId, kind }) => [id, kind, clientId])),
    };
  }
}

/** Keeps a later use that another process has recorded. PostgreSQL takes the type of a CASE from its last value. */
function recordOf(uses: readonly Noted[]): Statement {
  const ids = uses.map(({ id }) => id);
  const choice = (column: string) => `CASE id ${ids.map(() => 'WHEN ? THEN ?').join(' ')} ELSE ${column} END`;
  const values = (of: (use: Noted) => string | number) => uses.flatMap((use) => [use.id, of(use)]);
  const times = values(({ usedAt }) => usedAt);
  return {
    sql: `UPDATE last_use ${FORCE_PRIMARY} SET name = ${choice('name')}, address = ${choice('address')},
        user_agent = ${choice('user_agent')}, used_at = ${choice('used_at')}
      WHERE id IN (${places(ids)}) AND used_at < ${choice('used_at')}`,
    values: [
      ...values(({ name }) => name),
      ...values(({ address }) => address),
      ...values(({ userAgent }) => userAgent),
      ...times,
      ...ids,
      ...times,
    ],
  };
}
