import { Injectable } from '@nestjs/common';
import { places } from '../../database/durable-writer.js';
import { RowReader } from '../../database/row-reader.js';
import { SELECT_HEAD } from '../audit-row.js';
import { storedActions } from '../renamed-actions.js';

export interface ChainFigures {
  /** The sequence number of the latest event. */
  events: number;
  /** How often another writer changed the chain, as far as the events are kept. */
  breaks: number;
  lastBreakAt?: number;
}

const BREAKS = storedActions('audit.break');

/** How long the chain is, and whether it was noticed to be broken. */
@Injectable()
export class ChainFiguresReader {
  constructor(private readonly reader: RowReader) {}

  async read(): Promise<ChainFigures> {
    const [head] = await this.reader.read(SELECT_HEAD, []);
    const [found] = await this.reader.read(
      `SELECT COUNT(*) AS breaks, MAX(occurred_at) AS last_at FROM audit_event WHERE action IN (${places(BREAKS)})`,
      [...BREAKS],
    );
    const breaks = Number(found?.breaks ?? 0);
    return {
      events: Number(head?.sequence ?? 0),
      breaks,
      ...(breaks === 0 ? {} : { lastBreakAt: Number(found?.last_at) }),
    };
  }
}
