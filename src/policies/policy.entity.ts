import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { json, wholeNumber } from '../database/columns/column-types.js';
import type { PolicyEngine, Rule } from './policy.js';

@Entity('policy')
@Index('policy_by_everyone', ['everyone'])
@Index('policy_by_administrative', ['administrative'])
export class PolicyRow {
  @PrimaryColumn('varchar', { length: 64 })
  id!: string;

  @Column('bigint', { transformer: wholeNumber })
  version!: number;

  @Column('bigint', { name: 'created_at', transformer: wholeNumber })
  createdAt!: number;

  @Column('bigint', { name: 'updated_at', transformer: wholeNumber })
  updatedAt!: number;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('varchar', { length: 16 })
  engine!: PolicyEngine;

  @Column('boolean')
  everyone!: boolean;

  /** Grants writing of policies; indexed for the check that an administrator remains. */
  @Column('boolean')
  administrative!: boolean;

  /** Set while a deny rule applies to everyone. */
  @Column('bigint', { name: 'denies_everyone_since', nullable: true, transformer: wholeNumber })
  deniesEveryoneSince!: number | null;

  @Column('text', { transformer: json })
  rules!: Rule[];
}

/** A client that a policy is linked to; for a policy for everyone, one that it excludes. */
@Entity('policy_client')
@Index('policy_client_by_client_id', ['clientId'])
export class PolicyClientRow {
  @PrimaryColumn('varchar', { name: 'policy_id', length: 64 })
  policyId!: string;

  @PrimaryColumn('varchar', { name: 'client_id', length: 64 })
  clientId!: string;
}

/** A resource that a rule of a policy names. */
@Entity('policy_resource')
@Index('policy_resource_by_resource_id', ['resourceId'])
export class PolicyResourceRow {
  @PrimaryColumn('varchar', { name: 'policy_id', length: 64 })
  policyId!: string;

  @PrimaryColumn('varchar', { name: 'resource_id', length: 64 })
  resourceId!: string;
}
