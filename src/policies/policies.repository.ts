import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { ALL } from '../../packages/protocol/src/scope-item.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { PolicyClientRow, PolicyResourceRow, PolicyRow } from './policy.entity.js';
import { appliesTo, type Policy } from './policy.js';
import { inOrder } from './policy-order.js';
import {
  allowing,
  findRows,
  idsNaming,
  idsNamingAll,
  inTurns,
  policyOf,
  removeLinks,
  rowOf,
  slices,
  withLinks,
} from './policy-rows.repository.js';

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
      const ids = links.map(({ policyId }) => policyId);
      const linked = ids.length === 0 ? [] : await findRows(manager, { id: In(ids), everyone: false });
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
