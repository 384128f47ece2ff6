import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.js';
import { Pepper } from './pepper.entity.js';

@Injectable()
export class PeppersRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Oldest first. */
  all(): Promise<Pepper[]> {
    return this.unitOfWork.query((manager) =>
      manager.find(Pepper, { order: { createdAt: 'ASC', id: 'ASC' } }),
    );
  }

  async add(pepper: Pepper): Promise<void> {
    await this.unitOfWork.query((manager) => manager.insert(Pepper, pepper));
  }
}
