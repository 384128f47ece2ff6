import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../../database/columns/column-types.js';

/** When and from where a credential of a client was last used. */
@Entity('last_use')
@Index('last_use_by_client_id_used_at', ['clientId', 'usedAt'])
export class LastUseRow {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('varchar', { name: 'client_id', length: 64 })
  clientId!: string;

  @Column('varchar', { length: 16 })
  kind!: string;

  @Column('varchar', { length: 255 })
  name!: string;

  @Column('bigint', { name: 'used_at', transformer: wholeNumber })
  usedAt!: number;

  @Column('varchar', { length: 64 })
  address!: string;

  @Column('varchar', { name: 'user_agent', length: 255 })
  userAgent!: string;
}
