import type { Row, RowsLookup } from '../database/row-reader.js';
import type { DecidingPolicy } from './compiled-policies.js';

/** The states of the policies that are linked to a client, and of those for everyone: one query, one moment. */
export const REACHING_POLICIES = `
  SELECT p.id, p.version, p.created_at, p.updated_at
  FROM policy_client l JOIN policy p ON p.id = l.policy_id WHERE l.client_id = ?
  UNION ALL SELECT e.id, e.version, e.created_at, e.updated_at FROM policy e WHERE e.everyone = 1`;

export const DECIDING_POLICY: RowsLookup = {
  select: 'SELECT p.id, p.version, p.created_at, p.updated_at, p.engine, p.rules FROM policy p',
  by: 'p.id',
  column: 'id',
};

/** Which policy, and which of all that it has been; a new one of a removed one's id differs by its times. */
export const stateOf = ({ id, version, created_at, updated_at }: Row): string =>
  `${id} ${version} ${created_at} ${updated_at}`;

export const decidingPolicyOf = ({ id, engine, rules }: Row): DecidingPolicy => ({
  id: String(id),
  engine: engine as DecidingPolicy['engine'],
  rules: JSON.parse(String(rules)),
});
