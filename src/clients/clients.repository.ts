import { Injectable } from '@nestjs/common';
import { In, MoreThan } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';
import type { SigningAlg } from '../../packages/protocol/src/signing-alg.js';
import { numberOfChange } from '../database/revisions/configuration-revision.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { ClientRow } from './client.entity.js';
import type { DescribedClient } from './client.js';
import { ClientSecret } from './client-secret.entity.js';
import { HandOver } from './hand-over/hand-over.entity.js';
import { REMOVE_SCOPE_USES } from './scope-use/scope-uses.repository.js';
import type { LastUse } from './usage/last-use.js';
import { forgetUses, lastUsesOf, REMOVE_USES } from './usage/last-uses.repository.js';
import { REMOVE_USE } from './usage/token-quota-use.js';

/** Fits into one statement of every engine, and into memory. */
const CLIENTS_PER_PAGE = 500;

/** TypeORM takes any JSON value for an entity or a function. */
type Values = QueryDeepPartialEntity<ClientRow>;

const BY_ID = { id: 'ASC' } as const;

@Injectable()
export class ClientsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  find(id: string): Promise<DescribedClient | null> {
    return this.unitOfWork.query((manager) => manager.findOneBy(ClientRow, { id }));
  }

  /** By id. */
  findMany(ids: readonly string[]): Promise<DescribedClient[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(ClientRow, { where: { id: In([...ids]) }, order: BY_ID }),
    );
  }

  /** These clients, however many, a page at a time. */
  async *pagesOf(ids: readonly string[]): AsyncGenerator<DescribedClient[]> {
    for (let start = 0; start < ids.length; start += CLIENTS_PER_PAGE) {
      yield await this.findMany(ids.slice(start, start + CLIENTS_PER_PAGE));
    }
  }

  /** Every client by id, a page at a time, because all of them may not fit into memory. */
  async *pages(): AsyncGenerator<DescribedClient[]> {
    for (let after = ''; ; ) {
      const page = await this.unitOfWork.query((manager) =>
        manager.find(ClientRow, {
          where: { id: MoreThan(after) },
          order: BY_ID,
          take: CLIENTS_PER_PAGE,
        }),
      );
      if (page.length > 0) yield page;
      if (page.length < CLIENTS_PER_PAGE) return;
      after = page.at(-1)?.id ?? '';
    }
  }

  /** The clients whose claims may have more than so many bytes, a page at a time. */
  async *claiming(bytes: number): AsyncGenerator<DescribedClient[]> {
    for (let after = ''; ; ) {
      const page = await this.unitOfWork.query((manager) =>
        manager
          .createQueryBuilder(ClientRow, 'client')
          // Some engines count characters, of at most four bytes.
          .where('client.id > :after AND LENGTH(client.claims) * 4 > :bytes', { after, bytes })
          .orderBy('client.id')
          .take(CLIENTS_PER_PAGE)
          .getMany(),
      );
      if (page.length > 0) yield page;
      if (page.length < CLIENTS_PER_PAGE) return;
      after = page.at(-1)?.id ?? '';
    }
  }

  hasAny(): Promise<boolean> {
    return this.unitOfWork.query((manager) => manager.exists(ClientRow));
  }

  /** Whether any client uses this algorithm. */
  anySignsWith(alg: SigningAlg): Promise<boolean> {
    return this.unitOfWork.query((manager) =>
      manager
        .createQueryBuilder(ClientRow, 'client')
        .where('INSTR(client.client_credentials, :named) > 0', { named: `"signingAlg":"${alg}"` })
        .getExists(),
    );
  }

  /** The clients whose list of audiences contains this one. */
  async listingAudience(audience: string): Promise<DescribedClient[]> {
    const rows = await this.unitOfWork.query((manager) =>
      manager
        .createQueryBuilder(ClientRow, 'client')
        .where('INSTR(client.client_credentials, :named) > 0', { named: JSON.stringify(audience) })
        .orderBy('client.id')
        .getMany(),
    );
    return rows.filter(({ clientCredentials }) => clientCredentials.audience?.includes(audience));
  }

  /** The clients whose list contains an audience that matches; `part`: lower-case text in each that does. */
  async listingMatch(part: string, matches: (audience: string) => boolean): Promise<DescribedClient[]> {
    const rows = await this.unitOfWork.query((manager) =>
      manager
        .createQueryBuilder(ClientRow, 'client')
        .where('INSTR(LOWER(client.client_credentials), :part) > 0', { part })
        .orderBy('client.id')
        .getMany(),
    );
    return rows.filter(({ clientCredentials }) => clientCredentials.audience?.some(matches));
  }

  async existing(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.unitOfWork.query((manager) =>
      manager.find(ClientRow, { select: { id: true }, where: { id: In([...ids]) } }),
    );
    return new Set(rows.map(({ id }) => id));
  }

  async add(client: DescribedClient): Promise<void> {
    await this.unitOfWork.query((manager) =>
      manager.insert(ClientRow, { ...rowOf(client), sessionsClosedBefore: 0 } as Values),
    );
    // Differs from that of an earlier client with this id.
    await this.beginGeneration(client.id);
  }

  async replace(client: DescribedClient): Promise<void> {
    await this.unitOfWork.query(async (manager) => {
      await manager.update(ClientRow, { id: client.id }, rowOf(client) as Values);
      await forgetUses(manager, client.id);
    });
  }

  async remove(id: string): Promise<void> {
    await this.unitOfWork.query(async (manager) => {
      await manager.delete(ClientSecret, { clientId: id });
      await manager.query('DELETE FROM federated_rule WHERE client_id = ?', [id]);
      await manager.delete(HandOver, { clientId: id });
      await manager.query(REMOVE_USES, [id]);
      await manager.query(REMOVE_SCOPE_USES, [id]);
      await manager.query(REMOVE_USE, [id]);
      await manager.delete(ClientRow, { id });
    });
  }

  /** Of these clients, the newest first. */
  lastUsesOf(clientIds: readonly string[]): Promise<LastUse[]> {
    return this.unitOfWork.query((manager) => lastUsesOf(manager, clientIds));
  }

  /**
   * Closes all current sessions of the client, within a change of `clients`: the number of that change is the new
   * generation, so that generations are unique across processes.
   */
  async beginGeneration(clientId: string): Promise<void> {
    await this.unitOfWork.query((manager) =>
      manager.query(`UPDATE client SET session_generation = ${numberOfChange('clients')} WHERE id = ?`, [
        clientId,
      ]),
    );
  }
}

const rowOf = (client: DescribedClient): Omit<ClientRow, 'sessionsClosedBefore'> => ({
  ...client,
  nameFolded: foldName(client.name),
});

export const foldName = (name: string | null): string => (name ?? '').toLowerCase();
