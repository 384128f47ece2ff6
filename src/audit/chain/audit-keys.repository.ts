import { Injectable } from '@nestjs/common';
import type { SealedRow, SealedTable } from '../../crypto/sealed-table.js';
import { UnitOfWork } from '../../database/unit-of-work.js';

/** The purpose under which an audit key is sealed. */
export const auditKeyPurpose = (id: string): string => `audit key ${id}`;

export const SELECT_AUDIT_KEYS = 'SELECT id, sealed FROM audit_key ORDER BY created_at, id';

@Injectable()
export class AuditKeysRepository implements SealedTable {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Oldest first; the first one is in use. */
  async sealedRows(): Promise<SealedRow[]> {
    const rows: { id: string; sealed: string }[] = await this.unitOfWork.query((manager) =>
      manager.query(SELECT_AUDIT_KEYS),
    );
    return rows.map(({ id, sealed }) => ({ id, purpose: auditKeyPurpose(id), sealed }));
  }

  async putSealed(id: string, sealed: string): Promise<void> {
    await this.unitOfWork.query((manager) =>
      manager.query('UPDATE audit_key SET sealed = ? WHERE id = ?', [sealed, id]),
    );
  }

  async add(id: string, sealed: string, createdAt: number): Promise<void> {
    await this.unitOfWork.query((manager) =>
      manager.query('INSERT INTO audit_key (id, sealed, created_at) VALUES (?, ?, ?)', [
        id,
        sealed,
        createdAt,
      ]),
    );
  }
}
