import { Injectable } from '@nestjs/common';
import { type Row, RowReader } from '../../database/row-reader.js';

const PAGE_ROWS = 200;

/** An active client of which no credential was used for a time. */
export interface UnusedClient {
  id: string;
  createdAt: number;
  /** Absent if none was ever used. */
  lastUsed?: number;
}

/** Finds clients that are not used. */
@Injectable()
export class UnusedClients {
  constructor(private readonly reader: RowReader) {}

  /** In pages in order of id: those created and last used by then. */
  async *since(before: number): AsyncGenerator<UnusedClient[]> {
    for (let last: Row | undefined = { id: '' }; last; ) {
      const rows: Row[] = await this.reader.read(
        `SELECT c.id, c.created_at,
           (SELECT MAX(u.used_at) FROM last_use u WHERE u.client_id = c.id) AS used_at
         FROM client c WHERE c.id > ? AND c.created_at <= ? AND c.active = TRUE ORDER BY c.id LIMIT ${PAGE_ROWS}`,
        [String(last.id), before],
      );
      yield rows.map(unusedClient).filter(({ lastUsed = 0 }) => lastUsed <= before);
      last = rows.length < PAGE_ROWS ? undefined : rows.at(-1);
    }
  }
}

function unusedClient({ id, created_at, used_at }: Row): UnusedClient {
  const lastUsed = Number(used_at ?? 0);
  return { id: String(id), createdAt: Number(created_at), ...(lastUsed > 0 ? { lastUsed } : {}) };
}
