import { type EntityManager, type FindOptionsWhere, In } from 'typeorm';
import { ALL } from '../../packages/protocol/src/scope-item.js';
import { betweenSlices } from '../runtime/slices.js';
import { PolicyClientRow, PolicyResourceRow, PolicyRow } from './policy.entity.js';
import type { Policy } from './policy.js';

const ROWS_PER_STATEMENT = 500;
/** Of policies with up to thousands of rules each, which are parsed at once. */
const ROWS_PER_TURN = 20;
/** Read without a pause after it: parsing and compiling thousands takes milliseconds. */
const MAX_RULES_AT_ONCE = 500;

/** Engines return rows in different orders otherwise. */
const BY_ID = { id: 'ASC' } as const;

/** By id. */
export async function findRows(
  manager: EntityManager,
  where: FindOptionsWhere<PolicyRow>,
): Promise<PolicyRow[]> {
  const rows = await manager.find(PolicyRow, { where, order: BY_ID });
  if (rows.reduce((sum, { rules }) => sum + rules.length, 0) > MAX_RULES_AT_ONCE) await betweenSlices();
  return rows;
}

export async function idsNaming(manager: EntityManager, resourceIds: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const some of slices(resourceIds)) {
    const names = await manager.findBy(PolicyResourceRow, { resourceId: In(some) });
    ids.push(...names.map(({ policyId }) => policyId));
  }
  return ids;
}

export async function idsNamingAll(manager: EntityManager): Promise<string[]> {
  const rows = await manager
    .createQueryBuilder(PolicyRow, 'policy')
    .select('policy.id')
    .where('INSTR(policy.rules, :rule) > 0', { rule: `"resource":"${ALL}"` })
    .getMany();
  return rows.map(({ id }) => id);
}

export async function allowing(manager: EntityManager): Promise<string[]> {
  const rows = await manager.find(PolicyRow, { select: { id: true }, where: { engine: 'allow' } });
  return rows.map(({ id }) => id);
}

/** The policies with these ids, by id, parsed a few at a time. */
export async function inTurns(manager: EntityManager, ids: readonly string[]): Promise<Policy[]> {
  const policies: Policy[] = [];
  for (const some of slices([...new Set(ids)].sort(), ROWS_PER_TURN)) {
    const rows = await findRows(manager, { id: In(some) });
    policies.push(...(await withLinks(manager, rows)));
    await betweenSlices();
  }
  return policies;
}

export async function withLinks(manager: EntityManager, rows: PolicyRow[]): Promise<Policy[]> {
  const clientIds = new Map<string, string[]>(rows.map(({ id }) => [id, []]));
  for (const ids of slices([...clientIds.keys()])) {
    const links = await manager.find(PolicyClientRow, {
      where: { policyId: In(ids) },
      order: { clientId: 'ASC' },
    });
    for (const { policyId, clientId } of links) clientIds.get(policyId)?.push(clientId);
  }
  return rows.map((row) => policyOf(row, clientIds.get(row.id) ?? []));
}

export async function removeLinks(manager: EntityManager, policyId: string): Promise<void> {
  await manager.delete(PolicyClientRow, { policyId });
  await manager.delete(PolicyResourceRow, { policyId });
}

/** Rows of `policy_client` link a policy to clients; for a policy for everyone they are the excluded clients. */
export function policyOf({ administrative: _, ...row }: PolicyRow, named: string[]): Policy {
  return row.everyone
    ? { ...row, everyone: true, exceptIds: named, clientIds: [] }
    : { ...row, everyone: false, exceptIds: [], clientIds: named };
}

export function rowOf({
  clientIds: _,
  exceptIds: __,
  deniesEveryoneSince = null,
  ...policy
}: Policy): PolicyRow {
  const administrative = policy.rules.some(
    ({ effect, resource }) => effect === 'allow' && resource === 'AccessPolicy',
  );
  return { ...policy, description: policy.description ?? null, deniesEveryoneSince, administrative };
}

export function* slices<T>(rows: readonly T[], length = ROWS_PER_STATEMENT): Generator<T[]> {
  for (let start = 0; start < rows.length; start += length) {
    yield rows.slice(start, start + length);
  }
}
