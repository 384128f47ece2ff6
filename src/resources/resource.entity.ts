import { Column, Entity, PrimaryColumn } from 'typeorm';
import { json, wholeNumber } from '../database/columns/column-types.js';
import type { Claims } from '../protocol/claims.js';
import type { Operation, Resource, ResourceTokenSettings } from './resource.js';

@Entity('resource')
export class ResourceRow implements Resource {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('bigint', { transformer: wholeNumber })
  version!: number;

  @Column('bigint', { name: 'created_at', transformer: wholeNumber })
  createdAt!: number;

  @Column('bigint', { name: 'updated_at', transformer: wholeNumber })
  updatedAt!: number;

  @Column('varchar', { length: 255, nullable: true })
  name!: string | null;

  /** The name in lower case, since the engines fold case differently. */
  @Column('varchar', { name: 'name_folded', length: 512 })
  nameFolded!: string;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('varchar', { length: 255, nullable: true })
  audience!: string | null;

  @Column('varchar', { length: 255, nullable: true })
  uri!: string | null;

  @Column('boolean', { name: 'is_public' })
  isPublic!: boolean;

  @Column('text', { transformer: json })
  operations!: Operation[];

  @Column('text', { name: 'introspection_clients', transformer: json })
  introspectionClients!: string[];

  @Column('text', { transformer: json })
  token!: ResourceTokenSettings;

  @Column('text', { nullable: true, transformer: json })
  claims!: Claims | null;
}
