import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import type { SigningAlg } from '../../packages/protocol/src/signing-alg.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { ResourceRow } from './resource.entity.js';
import { CATALOG, type Resource } from './resource.js';

/** TypeORM takes any JSON value for an entity or a function. */
type Values = QueryDeepPartialEntity<ResourceRow>;

@Injectable()
export class ResourcesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  all(): Promise<Resource[]> {
    return this.unitOfWork.query((manager) => manager.find(ResourceRow, { order: { id: 'ASC' } }));
  }

  find(id: string): Promise<Resource | null> {
    return this.unitOfWork.query((manager) => manager.findOneBy(ResourceRow, { id }));
  }

  findMany(ids: readonly string[]): Promise<Resource[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(ResourceRow, { where: { id: In([...ids]) }, order: { id: 'ASC' } }),
    );
  }

  /** Whether tokens for any resource are signed with this algorithm. */
  async anySignsWith(alg: SigningAlg): Promise<boolean> {
    return (await this.all()).some(({ token }) => token.signingAlg === alg);
  }

  hasAudience(audience: string): Promise<boolean> {
    return this.unitOfWork.query((manager) => manager.existsBy(ResourceRow, { audience }));
  }

  /** The id of a resource with this audience. */
  async firstWithAudience(audience: string): Promise<string | undefined> {
    const row = await this.unitOfWork.query((manager) => manager.findOneBy(ResourceRow, { audience }));
    return row?.id;
  }

  /** The resources whose tokens this client may introspect. */
  async introspectedBy(clientId: string): Promise<Resource[]> {
    const rows = await this.unitOfWork.query((manager) =>
      manager
        .createQueryBuilder(ResourceRow, 'resource')
        .where('INSTR(resource.introspection_clients, :named) > 0', { named: JSON.stringify(clientId) })
        .orderBy('resource.id')
        .getMany(),
    );
    return rows.filter(({ introspectionClients }) => introspectionClients.includes(clientId));
  }

  add(resource: Resource): Promise<void> {
    return this.write((manager) => manager.insert(ResourceRow, rowOf(resource) as Values));
  }

  replace(resource: Resource): Promise<void> {
    return this.write((manager) =>
      manager.update(ResourceRow, { id: resource.id }, rowOf(resource) as Values),
    );
  }

  remove(id: string): Promise<void> {
    return this.write((manager) => manager.delete(ResourceRow, { id }));
  }

  private async write(statement: (manager: EntityManager) => Promise<unknown>): Promise<void> {
    await this.unitOfWork.query(statement);
    this.unitOfWork.forget(CATALOG);
  }
}

const rowOf = (resource: Resource): ResourceRow => ({
  ...resource,
  description: resource.description ?? null,
  uri: resource.uri ?? null,
  isPublic: resource.isPublic ?? false,
  claims: resource.claims ?? null,
  nameFolded: (resource.name ?? '').toLowerCase(),
});
