import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/permissions.js';
import { lacking, Permits } from '../access/permits.js';
import type { BundleEntry } from './bundle.dto.js';
import type { PreparedEntry } from './bundle-steps.js';
import { BundleTypes } from './bundle-types.js';
import { errorAtEntry } from './entry-error.js';

/** Secrets are hashed two at a time, so more would only wait. */
const PREPARED_AT_ONCE = 8;

/** The slow work of a Bundle before its transaction. */
@Injectable()
export class BundlePreparation {
  constructor(
    private readonly types: BundleTypes,
    private readonly permits: Permits,
  ) {}

  /** Before anything is prepared, because hashing secrets is slow. Tells no caller whether an id exists. */
  private async requirePermission(caller: Caller, entry: BundleEntry): Promise<void> {
    const { type, method, id = '*' } = entry;
    const needed = (
      { POST: ['create'], PUT: ['update', 'create'], PATCH: ['update'], DELETE: ['delete'] } as const
    )[method];
    for (const operation of needed) if (await this.permits.has(caller, type, id, operation)) return;
    throw errorAtEntry(lacking(type, id, needed[0]), entry);
  }

  /** Throws 403 for an entry that the caller may not write. */
  async prepare(
    caller: Caller,
    entries: readonly BundleEntry[],
    isDryRun: boolean,
  ): Promise<PreparedEntry[]> {
    for (const entry of entries) await this.requirePermission(caller, entry);
    const prepared: PreparedEntry[] = [];
    for (let at = 0; at < entries.length; at += PREPARED_AT_ONCE) {
      const some = entries.slice(at, at + PREPARED_AT_ONCE);
      prepared.push(...(await Promise.all(some.map((entry) => this.prepareEntry(caller, entry, isDryRun)))));
    }
    return prepared;
  }

  /** A dry run shows whether a secret is right only to a caller that may rotate it: otherwise it would be a silent guess. */
  private async prepareEntry(caller: Caller, entry: BundleEntry, isDryRun: boolean): Promise<PreparedEntry> {
    const type = this.types.of(entry.type);
    const id = entry.id ?? randomUUID();
    const { method, body } = entry;
    if (method === 'DELETE' || !body) return { entry, type, id, prepared: undefined };
    const prepared = await type.prepare(id, body, method);
    const isSecretHidden = isDryRun && !(await this.permits.has(caller, type.name, id, 'rotate'));
    return { entry, type, id, prepared: isSecretHidden ? type.rehearsed(prepared) : prepared };
  }
}
