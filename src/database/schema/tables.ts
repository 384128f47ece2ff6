import { migrations } from '../../../migrations/index.js';

export interface Table {
  name: string;
  /** The columns of its primary key. */
  key: readonly string[];
  /** Migrations insert its first rows, so a database that was never used has them as well. */
  seeded?: true;
}

/** Every table except TypeORM's list of migrations, which is the version of the schema. */
export const TABLES: readonly Table[] = [
  { name: 'configuration_revision', key: ['id'], seeded: true },
  { name: 'restore_mark', key: ['id'], seeded: true },
  { name: 'clock_mark', key: ['id'], seeded: true },
  { name: 'pepper', key: ['id'] },
  { name: 'audit_key', key: ['id'] },
  { name: 'signing_key', key: ['kid'] },
  { name: 'client', key: ['id'] },
  { name: 'client_secret', key: ['id'] },
  { name: 'last_use', key: ['id'] },
  { name: 'hand_over', key: ['id'] },
  { name: 'scope_use', key: ['id'] },
  { name: 'scope_use_watch', key: ['id'], seeded: true },
  { name: 'resource', key: ['id'], seeded: true },
  { name: 'former_operation', key: ['audience', 'operation', 'resource_id'] },
  { name: 'carried_name', key: ['audience', 'operation', 'client_id'] },
  { name: 'name_claim', key: ['id'], seeded: true },
  { name: 'policy', key: ['id'] },
  { name: 'policy_client', key: ['policy_id', 'client_id'] },
  { name: 'policy_resource', key: ['policy_id', 'resource_id'] },
  { name: 'trusted_issuer', key: ['id'] },
  { name: 'federated_rule', key: ['client_id', 'place'] },
  { name: 'used_assertion', key: ['id'] },
  { name: 'failure_count', key: ['key'] },
  { name: 'token_quota_use', key: ['client_id'] },
  { name: 'audit_head', key: ['id'], seeded: true },
  { name: 'audit_anchor', key: ['id'], seeded: true },
  { name: 'audit_scan', key: ['id'], seeded: true },
  { name: 'audit_event', key: ['sequence'] },
  { name: 'audit_notice', key: ['id'] },
  { name: 'event_cursor', key: ['id'], seeded: true },
  { name: 'token_count', key: ['client_id', 'day'] },
  { name: 'session_note', key: ['id'] },
  { name: 'session', key: ['id'] },
];

/** The migrations that make up the schema of this version, in order. */
export const SCHEMA: readonly string[] = migrations.map(({ name }) => name);
