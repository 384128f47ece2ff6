import { Injectable } from '@nestjs/common';
import { In, IsNull, Not } from 'typeorm';
import { UnitOfWork } from '../../database/unit-of-work.js';
import { TrustedIssuerRow } from './trusted-issuer.entity.js';
import type { TrustedIssuer } from './trusted-issuer.js';

@Injectable()
export class TrustedIssuersRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  find(id: string): Promise<TrustedIssuer | null> {
    return this.unitOfWork.query((manager) => manager.findOneBy(TrustedIssuerRow, { id }));
  }

  /** By id. */
  findMany(ids: readonly string[]): Promise<TrustedIssuer[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(TrustedIssuerRow, { where: { id: In([...ids]) }, order: { id: 'ASC' } }),
    );
  }

  /** The one with this `issuer`; no two have the same. */
  withIssuer(issuer: string): Promise<TrustedIssuer | null> {
    return this.unitOfWork.query((manager) => manager.findOneBy(TrustedIssuerRow, { issuer }));
  }

  /** Those that admit workloads. */
  admitting(): Promise<TrustedIssuer[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(TrustedIssuerRow, { where: { admits: Not(IsNull()) }, order: { id: 'ASC' } }),
    );
  }

  async add(issuer: TrustedIssuer): Promise<void> {
    await this.unitOfWork.query((manager) => manager.insert(TrustedIssuerRow, rowOf(issuer)));
  }

  async replace(issuer: TrustedIssuer): Promise<void> {
    await this.unitOfWork.query((manager) =>
      manager.update(TrustedIssuerRow, { id: issuer.id }, rowOf(issuer)),
    );
  }

  async remove(id: string): Promise<void> {
    await this.unitOfWork.query((manager) => manager.delete(TrustedIssuerRow, { id }));
  }
}

const rowOf = (issuer: TrustedIssuer): TrustedIssuerRow => ({
  ...issuer,
  nameFolded: (issuer.name ?? '').toLowerCase(),
});
