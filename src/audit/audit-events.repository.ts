import { Injectable } from '@nestjs/common';
import { places } from '../database/durable-writer.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import type { AuditEvent } from './audit-event.js';
import { eventOf, SELECT_EVENTS } from './audit-row.js';

/** Reads audit events for display. */
@Injectable()
export class AuditEventsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async findMany(ids: readonly string[]): Promise<AuditEvent[]> {
    if (ids.length === 0) return [];
    const rows: Record<string, unknown>[] = await this.unitOfWork.query((manager) =>
      manager.query(`${SELECT_EVENTS} WHERE id IN (${places(ids)})`, [...ids]),
    );
    return rows.map(eventOf);
  }
}
