import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.js';
import type { SigningAlg } from '../protocol/signing-alg.js';
import { SigningKeyRow } from './signing-key.entity.js';

@Injectable()
export class SigningKeysRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Those that sign last come first. */
  all(): Promise<SigningKeyRow[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(SigningKeyRow, { order: { signsFrom: 'DESC', kid: 'ASC' } }),
    );
  }

  has(alg: SigningAlg): Promise<boolean> {
    return this.unitOfWork.query((manager) => manager.existsBy(SigningKeyRow, { alg }));
  }

  async add(key: SigningKeyRow): Promise<void> {
    await this.unitOfWork.query((manager) => manager.insert(SigningKeyRow, key));
  }

  async remove(kid: string): Promise<void> {
    await this.unitOfWork.query((manager) => manager.delete(SigningKeyRow, { kid }));
  }
}
