import { Injectable } from '@nestjs/common';
import { type EntityManager, In, MoreThan } from 'typeorm';
import { flattenValues } from '../database/durable-writer.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { sharedMilliseconds } from '../runtime/clock.js';
import { betweenSlices } from '../runtime/slices.js';
import type { Catalog, LastOwners } from './catalog.js';
import { FormerOperationRow } from './former-operation.entity.js';
import { portions, ROWS_PER_STATEMENT } from './portions.js';
import { CATALOG, type Resource } from './resource.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Far longer than any token lives, and than an API keeps an operation that its owner has removed by mistake. */
export const MAX_REMEMBERED_DAYS = 400;
/** Of a lookup that every reload of the catalog makes. */
const NAMES_PER_LOOKUP = 1000;

/**
 * What the names of an audience's operations meant before writes of its resources: an API that is older than a write
 * still takes the name in a token for its own operation, and a token that is older still contains it.
 */
@Injectable()
export class FormerOperationsRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** By name, the ids of the resources whose operation it meant in this audience, the last to lose it first. */
  ownersOf(audience: string, names: readonly string[]): Promise<Map<string, string[]>> {
    return this.unitOfWork.query(async (manager) => {
      const owners = new Map<string, string[]>();
      const since = forgottenBefore();
      for (const some of portions(names)) {
        const rows = await manager.find(FormerOperationRow, {
          where: { audience, operation: In(some), leftAt: MoreThan(since) },
          order: { leftAt: 'DESC' },
        });
        for (const { operation, resourceId } of rows) {
          owners.set(operation, [...(owners.get(operation) ?? []), resourceId]);
        }
        await betweenSlices();
      }
      return owners;
    });
  }

  /** Of these names, in all audiences. */
  lastOwners(names: ReadonlySet<string>): Promise<LastOwners> {
    return this.unitOfWork.query(async (manager) => {
      const owners = new Map<string, Map<string, string>>();
      for await (const rows of lastRowsOf(manager, names)) {
        for (const { audience, operation, resourceId } of rows) {
          const known = owners.get(audience) ?? new Map<string, string>();
          owners.set(audience, known.set(operation, resourceId));
        }
        await betweenSlices();
      }
      return owners;
    });
  }

  /** The operations whose names the grammar reads as items of a resource with this id. */
  readAs(id: string): Promise<FormerOperation[]> {
    return this.unitOfWork.query((manager) =>
      manager
        .createQueryBuilder(FormerOperationRow, 'former')
        .where('former.left_at > :since', { since: forgottenBefore() })
        // `;` follows `:` in the order of bytes, by which every engine compares names.
        .andWhere('(former.operation = :id OR (former.operation > :from AND former.operation < :to))', {
          id,
          from: `${id}:`,
          to: `${id};`,
        })
        .getMany(),
    );
  }

  /** The operations that resources with these ids have lost. */
  ofResources(ids: readonly string[]): Promise<FormerOperation[]> {
    return this.unitOfWork.query(async (manager) => {
      const found: FormerOperation[] = [];
      const leftAt = MoreThan(forgottenBefore());
      for (const some of portions(ids)) {
        found.push(...(await manager.findBy(FormerOperationRow, { resourceId: In(some), leftAt })));
        await betweenSlices();
      }
      return found;
    });
  }

  /** Remembers the former meanings of the names whose meaning a write of a resource changes. */
  async record(before: Resource | null, after: Resource | null, catalog: Catalog): Promise<void> {
    const ended = endedMeanings(before, after, catalog);
    if (ended.length === 0) return;
    await this.unitOfWork.query(async (manager) => {
      const leftAt = await nextTime(manager);
      for (const some of portions(ended)) {
        const rows = some.map((meaning) => ({ ...meaning, leftAt }));
        await manager.upsert(FormerOperationRow, rows, ['audience', 'operation', 'resourceId']);
        await forget(manager);
        await betweenSlices();
      }
    });
    this.unitOfWork.forget(CATALOG);
  }
}

export type FormerOperation = Pick<FormerOperationRow, 'resourceId' | 'operation'>;

type Meaning = Omit<FormerOperationRow, 'leftAt'>;

/** By the catalog before the write. Of a name that other resources have, one of them: a token needed all of them. */
export function endedMeanings(before: Resource | null, after: Resource | null, catalog: Catalog): Meaning[] {
  const [was, is] = [before, after].map((resource) => resource && catalog.audienceOf(resource));
  const [had, has] = [namesOf(before), namesOf(after)];
  const lost = [...had].filter((name) => was !== is || !has.has(name));
  const gained = [...has].filter((name) => was !== is || !had.has(name));
  return [
    ...lost.map((operation) => ({ audience: was ?? '', operation, resourceId: before?.id ?? '' })),
    ...gained.flatMap((operation) => {
      const [owner] = catalog.ownersOf(is ?? '', operation);
      return owner ? [{ audience: is ?? '', operation, resourceId: owner.id }] : [];
    }),
  ];
}

const namesOf = (resource: Resource | null): Set<string> =>
  new Set(resource?.operations.map(({ name }) => name));

const forgottenBefore = (): number => sharedMilliseconds() - MAX_REMEMBERED_DAYS * DAY_MS;

/** Later than every earlier write, also within a millisecond. */
async function nextTime(manager: EntityManager): Promise<number> {
  const latest = await manager.maximum(FormerOperationRow, 'leftAt');
  return Math.max(sharedMilliseconds(), Number(latest ?? 0) + 1);
}

/** The rows of these names, those of a name from the oldest to the latest. */
async function* lastRowsOf(
  manager: EntityManager,
  names: ReadonlySet<string>,
): AsyncGenerator<FormerOperationRow[], void> {
  const leftAt = MoreThan(forgottenBefore());
  const order = { leftAt: 'ASC' } as const;
  // Few names were ever removed: reading them is cheaper than looking for each of a large catalog.
  const all = await manager.find(FormerOperationRow, {
    where: { leftAt },
    order,
    take: NAMES_PER_LOOKUP + 1,
  });
  if (all.length <= NAMES_PER_LOOKUP) {
    yield all.filter(({ operation }) => names.has(operation));
    return;
  }
  for (const some of portions([...names], NAMES_PER_LOOKUP)) {
    yield await manager.find(FormerOperationRow, { where: { operation: In(some), leftAt }, order });
  }
}

/** As many of the oldest rows as a write adds, so that the table does not grow without end. */
async function forget(manager: EntityManager): Promise<void> {
  const rows: { audience: string; operation: string; resource_id: string }[] = await manager.query(
    `SELECT audience, operation, resource_id FROM former_operation WHERE left_at <= ?
     ORDER BY left_at LIMIT ${ROWS_PER_STATEMENT}`,
    [forgottenBefore()],
  );
  if (rows.length === 0) return;
  await manager.query(
    `DELETE FROM former_operation WHERE (audience, operation, resource_id) IN (${rows.map(() => '(?, ?, ?)').join(', ')})`,
    flattenValues(rows.map(({ audience, operation, resource_id }) => [audience, operation, resource_id])),
  );
}
