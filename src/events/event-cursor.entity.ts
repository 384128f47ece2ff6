import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../database/columns/column-types.js';

/** How far an output of events has come, and which process serves it. */
@Entity('event_cursor')
export class EventCursorRow {
  @PrimaryColumn('varchar', { length: 16 })
  id!: string;

  /** Of the last event that it has; -1: none yet. */
  @Column('bigint', { transformer: wholeNumber })
  sequence!: number;

  @Column('varchar', { length: 64 })
  holder!: string;

  @Column('bigint', { name: 'held_until', transformer: wholeNumber })
  heldUntil!: number;

  @Column('bigint', { transformer: wholeNumber })
  failures!: number;

  @Column('bigint', { name: 'not_before', transformer: wholeNumber })
  notBefore!: number;
}
