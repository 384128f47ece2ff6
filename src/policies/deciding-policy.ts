import { parsedOnce } from '../database/parsed-once.js';
import type { RowsLookup, Values } from '../database/row-reader.js';
import type { DecidingPolicy } from './compiled-policies.js';

/** The states of the policies that name a client, and of those for everyone; one query, so of one moment. */
export const REACHING_POLICIES: RowsLookup = {
  sql: (places) => `
    SELECT l.client_id, p.id, p.version, p.created_at, p.updated_at, p.everyone
    FROM policy_client l JOIN policy p ON p.id = l.policy_id WHERE l.client_id IN (${places})
    UNION ALL SELECT NULL, e.id, e.version, e.created_at, e.updated_at, e.everyone FROM policy e WHERE e.everyone = TRUE`,
};

export const DECIDING_POLICY: RowsLookup = {
  sql: (places) => `
    SELECT p.id, p.version, p.created_at, p.updated_at, p.engine, p.rules FROM policy p WHERE p.id IN (${places})`,
};

/** Identifies a version of a policy; a new policy with the id of a removed one differs by its times. */
export const stateOf = ([id, version, createdAt, updatedAt]: Values): string =>
  `${id} ${version} ${createdAt} ${updatedAt}`;

/** The states of the policies that apply to a client, as one text. A policy for everyone that names the client excludes it. */
export function setOf(found: readonly Values[]): string {
  const excluded = found.flatMap(([client, id, , , , everyone]) =>
    client !== null && Number(everyone) === 1 ? [id] : [],
  );
  const reaching = excluded.length === 0 ? found : found.filter(([, id]) => !excluded.includes(id));
  return JSON.stringify(reaching.map(([, ...policy]) => stateOf(policy)).sort());
}

/** The states in such a set by policy id. */
export const statesOf = (set: string): Map<string, string> =>
  new Map((JSON.parse(set) as string[]).map((state) => [state.split(' ', 1)[0] as string, state]));

export const decidingPolicyOf = ([id, , , , engine, rules]: Values): DecidingPolicy => ({
  id: String(id),
  engine: engine as DecidingPolicy['engine'],
  rules: parsedOnce(String(rules)),
});
