import type { EntityManager } from 'typeorm';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';

const MAX_TRANSACTION_MS = 2750;

interface Destroyable {
  destroy: () => void;
}

/**
 * Bounds a transaction on MySQL as a whole: a caller has its answer within three seconds. When time is up its
 * connection is ended, and the server rolls back.
 */
export class TransactionDeadline {
  private isOver = false;
  private connection: Destroyable | undefined;

  /** The first statement of an attempt: none begins after the deadline. */
  async enter({ queryRunner }: EntityManager): Promise<void> {
    this.connection = (await queryRunner?.connect()) as Destroyable | undefined;
    if (this.isOver) throw overdue();
  }

  async bound<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        this.isOver = true;
        this.connection?.destroy();
        reject(overdue());
      }, MAX_TRANSACTION_MS);
    });
    try {
      return await Promise.race([work, deadline]);
    } finally {
      clearTimeout(timer);
    }
  }
}

const overdue = () =>
  new TemporarilyUnavailable(
    Object.assign(new Error('the database took too long'), { code: 'ER_LOCK_WAIT_TIMEOUT' }),
  );
