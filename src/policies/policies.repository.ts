import { Injectable } from '@nestjs/common';
import { type EntityManager, type FindOptionsWhere, In } from 'typeorm';
import { ALL } from '../../packages/protocol/src/scope-item.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { betweenSlices } from '../runtime/slices.js';
import { PolicyClientRow, PolicyResourceRow, PolicyRow } from './policy.entity.js';
import { appliesTo, type Policy } from './policy.js';
import { inOrder } from './policy-order.js';

const ROWS_PER_STATEMENT = 500;
/** Of policies with up to thousands of rules each, which are parsed at once. */
const ROWS_PER_TURN = 20;
/** Read without a pause after it: parsing thousands takes milliseconds, and so does what is then done with them. */
const MAX_RULES_AT_ONCE = 500;

/** Engines return rows in different orders otherwise. */
const BY_ID = { id: 'ASC' } as const;

@Injectable()
export class PoliciesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async find(id: string): Promise<Policy | null> {
    return (await this.findMany([id]))[0] ?? null;
  }

  findMany(ids: readonly string[]): Promise<Policy[]> {
    return this.unitOfWork.query(async (manager) => {
      const rows = await findRows(manager, { id: In([...ids]) });
      return withLinks(manager, rows);
    });
  }

  /** By id. */
  all(): Promise<Policy[]> {
    return this.unitOfWork.query(async (manager) => {
      const ids = await manager.find(PolicyRow, { select: { id: true } });
      return inTurns(
        manager,
        ids.map(({ id }) => id),
      );
    });
  }

  /** The policies that apply to this client: linked to it, or for everyone without excluding it. */
  ofClient(clientId: string): Promise<Policy[]> {
    return this.unitOfWork.query(async (manager) => {
      const links = await manager.findBy(PolicyClientRow, { clientId });
      const linked = await findRows(manager, {
        id: In(links.map(({ policyId }) => policyId)),
        everyone: false,
      });
      const open = await findRows(manager, { everyone: true });
      const forEveryone = await withLinks(manager, open);
      return [
        ...linked.map((row) => policyOf(row, [clientId])),
        ...forEveryone.filter((policy) => appliesTo(policy, clientId)),
      ];
    });
  }

  /** The policies that name this client: linked to it, or excluding it. */
  namingClient(clientId: string): Promise<Policy[]> {
    return this.unitOfWork.query(async (manager) => {
      const links = await manager.findBy(PolicyClientRow, { clientId });
      const ids = links.map(({ policyId }) => policyId);
      const rows = await findRows(manager, { id: In(ids) });
      return withLinks(manager, rows);
    });
  }

  /** The policies with a rule that names this resource, by id. */
  naming(resourceId: string): Promise<Policy[]> {
    return this.unitOfWork.query(async (manager) => inTurns(manager, await idsNaming(manager, [resourceId])));
  }

  /** The policies with a rule on resource `*`, by id. */
  namingAllResources(): Promise<Policy[]> {
    return this.unitOfWork.query(async (manager) => inTurns(manager, await idsNamingAll(manager)));
  }

  /** The policies with a rule that names one of these resources or `*`, and those with the engine `allow`, by id. */
  concerning(resourceIds: readonly string[]): Promise<Policy[]> {
    return this.unitOfWork.query(async (manager) => {
      const ids = [
        await idsNaming(manager, resourceIds),
        await idsNamingAll(manager),
        await allowing(manager),
      ];
      return inTurns(manager, ids.flat());
    });
  }

  /** The policies with the engine `allow`. */
  allowing(): Promise<Policy[]> {
    return this.unitOfWork.query(async (manager) =>
      withLinks(manager, await findRows(manager, { engine: 'allow' })),
    );
  }

  /** The policies with an allow rule on AccessPolicy. */
  administrative(): Promise<Policy[]> {
    return this.unitOfWork.query(async (manager) =>
      withLinks(manager, await findRows(manager, { administrative: true })),
    );
  }

  /** Within a change of the configuration, which serialises the writes of all processes. Returns what is stored. */
  save(written: Policy): Promise<Policy> {
    return this.unitOfWork.query(async (manager) => {
      const policy = await ordered(manager, written);
      await removeLinks(manager, policy.id);
      await manager.upsert(PolicyRow, rowOf(policy), ['id']);
      const named = policy.everyone ? policy.exceptIds : policy.clientIds;
      const clients = named.map((clientId) => ({ policyId: policy.id, clientId }));
      const resourceIds = new Set(
        policy.rules.map(({ resource }) => resource).filter((resource) => resource !== ALL),
      );
      const resources = [...resourceIds].map((resourceId) => ({ policyId: policy.id, resourceId }));
      for (const rows of slices(clients)) await manager.insert(PolicyClientRow, rows);
      for (const rows of slices(resources)) await manager.insert(PolicyResourceRow, rows);
      return policy;
    });
  }

  async remove(id: string): Promise<void> {
    await this.unitOfWork.query(async (manager) => {
      await removeLinks(manager, id);
      await manager.delete(PolicyRow, { id });
    });
  }
}

/** By id. */
async function findRows(manager: EntityManager, where: FindOptionsWhere<PolicyRow>): Promise<PolicyRow[]> {
  const rows = await manager.find(PolicyRow, { where, order: BY_ID });
  if (rows.reduce((sum, { rules }) => sum + rules.length, 0) > MAX_RULES_AT_ONCE) await betweenSlices();
  return rows;
}

async function ordered(manager: EntityManager, policy: Policy): Promise<Policy> {
  const before = await manager.findOneBy(PolicyRow, { id: policy.id });
  const [latest] = await manager.query(
    'SELECT MAX(created_at) AS created, MAX(denies_everyone_since) AS begun FROM policy',
  );
  return inOrder(policy, before, {
    created: Number(latest.created ?? 0),
    begun: Number(latest.begun ?? 0),
  });
}

async function idsNaming(manager: EntityManager, resourceIds: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const some of slices(resourceIds)) {
    const names = await manager.findBy(PolicyResourceRow, { resourceId: In(some) });
    ids.push(...names.map(({ policyId }) => policyId));
  }
  return ids;
}

async function idsNamingAll(manager: EntityManager): Promise<string[]> {
  const rows = await manager
    .createQueryBuilder(PolicyRow, 'policy')
    .select('policy.id')
    .where('INSTR(policy.rules, :rule) > 0', { rule: `"resource":"${ALL}"` })
    .getMany();
  return rows.map(({ id }) => id);
}

async function allowing(manager: EntityManager): Promise<string[]> {
  const rows = await manager.find(PolicyRow, { select: { id: true }, where: { engine: 'allow' } });
  return rows.map(({ id }) => id);
}

/** The policies with these ids, by id, parsed a few at a time. */
async function inTurns(manager: EntityManager, ids: readonly string[]): Promise<Policy[]> {
  const policies: Policy[] = [];
  for (const some of slices([...new Set(ids)].sort(), ROWS_PER_TURN)) {
    const rows = await findRows(manager, { id: In(some) });
    policies.push(...(await withLinks(manager, rows)));
    await betweenSlices();
  }
  return policies;
}

async function withLinks(manager: EntityManager, rows: PolicyRow[]): Promise<Policy[]> {
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

async function removeLinks(manager: EntityManager, policyId: string): Promise<void> {
  await manager.delete(PolicyClientRow, { policyId });
  await manager.delete(PolicyResourceRow, { policyId });
}

/** Rows of `policy_client` link a policy to clients; for a policy for everyone they are the excluded clients. */
function policyOf({ administrative: _, ...row }: PolicyRow, named: string[]): Policy {
  return row.everyone
    ? { ...row, everyone: true, exceptIds: named, clientIds: [] }
    : { ...row, everyone: false, exceptIds: [], clientIds: named };
}

function rowOf({ clientIds: _, exceptIds: __, deniesEveryoneSince = null, ...policy }: Policy): PolicyRow {
  const administrative = policy.rules.some(
    ({ effect, resource }) => effect === 'allow' && resource === 'AccessPolicy',
  );
  return { ...policy, description: policy.description ?? null, deniesEveryoneSince, administrative };
}

function* slices<T>(rows: readonly T[], length = ROWS_PER_STATEMENT): Generator<T[]> {
  for (let start = 0; start < rows.length; start += length) {
    yield rows.slice(start, start + length);
  }
}
