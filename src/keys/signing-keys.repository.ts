import { Injectable } from '@nestjs/common';
import { IsNull } from 'typeorm';
import type { SigningAlg } from '../../packages/protocol/src/signing-alg.js';
import type { SealedRow, SealedTable } from '../crypto/sealed-table.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { SigningKeyRow } from './signing-key.entity.js';

@Injectable()
export class SigningKeysRepository implements SealedTable {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** The newest first. */
  all(): Promise<SigningKeyRow[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(SigningKeyRow, { order: { signsFrom: 'DESC', kid: 'ASC' } }),
    );
  }

  /** Whether tokens were issued, so that signing keys must exist. */
  async wereNeeded(): Promise<boolean> {
    const rows = await this.unitOfWork.query((manager) => manager.query('SELECT id FROM session LIMIT 1'));
    return rows.length > 0;
  }

  /** Whether there is a current or announced key. */
  has(alg: SigningAlg): Promise<boolean> {
    return this.unitOfWork.query((manager) => manager.existsBy(SigningKeyRow, { alg, retiredAt: IsNull() }));
  }

  async add(key: SigningKeyRow): Promise<void> {
    await this.unitOfWork.query((manager) => manager.insert(SigningKeyRow, key));
  }

  async signFrom(kid: string, signsFrom: number): Promise<void> {
    await this.unitOfWork.query((manager) => manager.update(SigningKeyRow, { kid }, { signsFrom }));
  }

  async retire(kid: string, retiredAt: number): Promise<void> {
    await this.unitOfWork.query((manager) => manager.update(SigningKeyRow, { kid }, { retiredAt }));
  }

  async remove(kid: string): Promise<void> {
    await this.unitOfWork.query((manager) => manager.delete(SigningKeyRow, { kid }));
  }

  async sealedRows(): Promise<SealedRow[]> {
    const rows = await this.all();
    return rows.map((row) => ({
      id: row.kid,
      purpose: signingKeyPurpose(row),
      sealed: row.sealedPrivateKey,
    }));
  }

  async putSealed(kid: string, sealedPrivateKey: string): Promise<void> {
    await this.unitOfWork.query((manager) => manager.update(SigningKeyRow, { kid }, { sealedPrivateKey }));
  }
}

export const signingKeyPurpose = ({ kid, alg }: Pick<SigningKeyRow, 'kid' | 'alg'>): string =>
  `signing key ${kid} ${alg}`;
