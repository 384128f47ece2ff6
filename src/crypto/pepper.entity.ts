import { Column, Entity, PrimaryColumn } from 'typeorm';
import { wholeNumber } from '../database/columns/column-types.js';

/** A key for hashing secrets, sealed under the master key; its own id allows rotating either independently. */
@Entity('pepper')
export class Pepper {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('text')
  sealed!: string;

  @Column('bigint', { name: 'created_at', transformer: wholeNumber })
  createdAt!: number;
}
