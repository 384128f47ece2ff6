import { Injectable } from '@nestjs/common';
import { places } from '../../database/durable-writer.js';
import { type Row, RowReader } from '../../database/row-reader.js';
import type { ScopeUse } from './scope-use.js';

export const REMOVE_SCOPE_USES = 'DELETE FROM scope_use WHERE client_id = ?';

@Injectable()
export class ScopeUsesRepository {
  constructor(private readonly reader: RowReader) {}

  /** Since when uses are recorded in this database. */
  async watchedSince(): Promise<number> {
    const [row] = await this.reader.read('SELECT started_at FROM scope_use_watch WHERE id = 1', []);
    return Number(row?.started_at);
  }

  async ofClient(clientId: string): Promise<ScopeUse[]> {
    const rows = await this.reader.read(
      `SELECT client_id, resource, identifier, operation, folded, first_used_at, last_used_at, verified, introspected
       FROM scope_use WHERE client_id = ?`,
      [clientId],
    );
    return rows.map(scopeUseOf);
  }

  /** Those of these ids that are recorded. */
  async known(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.reader.read(`SELECT id FROM scope_use WHERE id IN (${places(ids)})`, ids);
    return new Set(rows.map(({ id }) => String(id)));
  }

  /** How many items are recorded of each of these clients. */
  async counted(clientIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.reader.read(
      `SELECT client_id, COUNT(*) AS items FROM scope_use WHERE client_id IN (${places(clientIds)}) GROUP BY client_id`,
      clientIds,
    );
    return new Map(rows.map(({ client_id, items }) => [String(client_id), Number(items)]));
  }
}

const scopeUseOf = (row: Row): ScopeUse => ({
  clientId: String(row.client_id),
  resource: String(row.resource),
  identifier: String(row.identifier),
  operation: String(row.operation),
  folded: Number(row.folded) === 1,
  firstUsedAt: Number(row.first_used_at),
  lastUsedAt: Number(row.last_used_at),
  verified: Number(row.verified),
  introspected: Number(row.introspected),
});
