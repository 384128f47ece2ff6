import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.js';
import { Pepper } from './pepper.entity.js';
import type { SealedRow, SealedTable } from './sealed-table.js';

@Injectable()
export class PeppersRepository implements SealedTable {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Oldest first. */
  async sealedRows(): Promise<SealedRow[]> {
    const peppers = await this.unitOfWork.query((manager) =>
      manager.find(Pepper, { order: { createdAt: 'ASC', id: 'ASC' } }),
    );
    return peppers.map(({ id, sealed }) => ({ id, purpose: pepperPurpose(id), sealed }));
  }

  /** Whether any client secret was hashed with a pepper. */
  async wereNeeded(): Promise<boolean> {
    const rows = await this.unitOfWork.query((manager) =>
      manager.query('SELECT id FROM client_secret WHERE pepper_id IS NOT NULL LIMIT 1'),
    );
    return rows.length > 0;
  }

  async putSealed(id: string, sealed: string): Promise<void> {
    await this.unitOfWork.query((manager) => manager.update(Pepper, { id }, { sealed }));
  }

  async add(pepper: Pepper): Promise<void> {
    await this.unitOfWork.query((manager) => manager.insert(Pepper, pepper));
  }
}

export const pepperPurpose = (id: string): string => `pepper ${id}`;
