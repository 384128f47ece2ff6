import { Injectable } from '@nestjs/common';
import { RowReader } from '../database/row-reader.js';

const PAGE_ROWS = 200;

/** A client, or one of its secrets, that has an end. */
export interface Expiring {
  clientId: string;
  /** Absent: the client itself. */
  secretId?: string;
  expiresAt: number;
}

/** Finds secrets and clients that expire within a time, in pages in order of expiry. */
@Injectable()
export class ExpiringCredentials {
  constructor(private readonly reader: RowReader) {}

  secrets(after: number, upTo: number): AsyncGenerator<Expiring[]> {
    return this.pages('SELECT id, client_id, expires_at FROM client_secret', after, upTo);
  }

  clients(after: number, upTo: number): AsyncGenerator<Expiring[]> {
    return this.pages('SELECT id, expires_at FROM client', after, upTo);
  }

  private async *pages(select: string, after: number, upTo: number): AsyncGenerator<Expiring[]> {
    let last = { time: after, id: '' };
    for (;;) {
      const rows = await this.reader.read(
        `${select} WHERE expires_at >= ? AND expires_at <= ? AND (expires_at > ? OR id > ?)
         ORDER BY expires_at, id LIMIT ${PAGE_ROWS}`,
        [last.time, upTo, last.time, last.id],
      );
      yield rows.map(({ id, client_id, expires_at }) => ({
        ...(client_id === undefined
          ? { clientId: String(id) }
          : { clientId: String(client_id), secretId: String(id) }),
        expiresAt: Number(expires_at),
      }));
      const end = rows.at(-1);
      if (!end || rows.length < PAGE_ROWS) return;
      last = { time: Number(end.expires_at), id: String(end.id) };
    }
  }
}
