import { Injectable } from '@nestjs/common';
import { LessThanOrEqual, MoreThan } from 'typeorm';
import { UnitOfWork } from '../../database/unit-of-work.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { HandOver } from './hand-over.entity.js';

@Injectable()
export class HandOversRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  find(id: string): Promise<HandOver | null> {
    return this.unitOfWork.query((manager) => manager.findOneBy(HandOver, { id }));
  }

  /** Those of a client that have not expired, the oldest first. */
  pendingOf(clientId: string): Promise<HandOver[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(HandOver, {
        where: { clientId, expiresAt: MoreThan(nowMilliseconds()) },
        order: { createdAt: 'ASC', id: 'ASC' },
      }),
    );
  }

  expired(now: number, most: number): Promise<HandOver[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(HandOver, {
        where: { expiresAt: LessThanOrEqual(now) },
        order: { expiresAt: 'ASC' },
        take: most,
      }),
    );
  }

  async add(handOver: HandOver): Promise<void> {
    await this.unitOfWork.query((manager) => manager.insert(HandOver, handOver));
  }

  async removeOf(clientId: string): Promise<void> {
    await this.unitOfWork.query((manager) => manager.delete(HandOver, { clientId }));
  }

  /** Ends the link for this secret; whether there was one. */
  async endPending(clientId: string, secretId: string): Promise<boolean> {
    const pending = (await this.pendingOf(clientId)).find((one) => one.secretId === secretId);
    return pending !== undefined && this.remove(pending.id);
  }

  /** Whether it was there: of several that remove it, one gets true. */
  async remove(id: string): Promise<boolean> {
    const { affected } = await this.unitOfWork.query((manager) => manager.delete(HandOver, { id }));
    return affected === 1;
  }
}
