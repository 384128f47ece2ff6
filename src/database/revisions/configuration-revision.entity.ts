import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../columns/column-types.js';

/** How often each part of the configuration has changed; the table has one row. */
@Entity('configuration_revision')
export class ConfigurationRevisionRow {
  @PrimaryColumn('bigint', { transformer: wholeNumber })
  id!: number;

  @Column('bigint', { transformer: wholeNumber })
  clients!: number;

  @Column('bigint', { transformer: wholeNumber })
  resources!: number;

  @Column('bigint', { transformer: wholeNumber })
  policies!: number;

  @Column('bigint', { name: 'signing_keys', transformer: wholeNumber })
  signingKeys!: number;
}
