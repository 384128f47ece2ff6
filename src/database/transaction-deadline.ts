import type { EntityManager } from 'typeorm';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';
import type { OrmGuard } from './engine/orm-guard.js';
import { DEADLINE_CODE } from './storage-error.js';

/** So that the caller of one write is answered within three seconds. */
export const MAX_TRANSACTION_MS = 2750;

/**
 * Bounds a whole transaction on a server. At the deadline its connection is closed, and the server rolls back.
 */
export class TransactionDeadline {
  private isOver = false;
  private connection: unknown;

  constructor(
    private readonly guard: OrmGuard,
    private readonly maxMilliseconds: number,
  ) {}

  /** The first statement of an attempt: no attempt starts after the deadline. */
  async enter({ queryRunner }: EntityManager): Promise<void> {
    this.connection = await queryRunner?.connect();
    if (this.isOver) throw new TemporarilyUnavailable(overdue());
  }

  /** The end of an attempt: its connection may serve another transaction next. */
  leave(): void {
    this.connection = undefined;
  }

  async bound<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.isOver = true;
        if (this.connection !== undefined) this.guard.cut(this.connection, overdue());
        reject(new TemporarilyUnavailable(overdue()));
      }, this.maxMilliseconds);
    });
    try {
      return await Promise.race([work, deadline]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const overdue = () => Object.assign(new Error('the database took too long'), { code: DEADLINE_CODE });
