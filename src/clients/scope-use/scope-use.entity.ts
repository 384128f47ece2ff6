import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../../database/columns/column-types.js';

/** How often something that a client is granted was used. */
@Entity('scope_use')
@Index('scope_use_by_client_id', ['clientId'])
export class ScopeUseRow {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('varchar', { name: 'client_id', length: 64 })
  clientId!: string;

  @Column('varchar', { length: 64 })
  resource!: string;

  @Column('varchar', { length: 256 })
  identifier!: string;

  @Column('varchar', { length: 256 })
  operation!: string;

  @Column('bigint', { transformer: wholeNumber })
  folded!: number;

  @Column('bigint', { name: 'first_used_at', transformer: wholeNumber })
  firstUsedAt!: number;

  @Column('bigint', { name: 'last_used_at', transformer: wholeNumber })
  lastUsedAt!: number;

  @Column('bigint', { transformer: wholeNumber })
  verified!: number;

  @Column('bigint', { transformer: wholeNumber })
  introspected!: number;
}
