import type { EntityManager } from 'typeorm';
import { TemporarilyUnavailable } from '../protocol/unavailable.js';

const MAX_TRANSACTION_MS = 2750;

/** Internals of the driver's connection that its types omit. */
interface Driven {
  destroy: () => void;
  stream: { destroy: (error: Error) => void };
}

/**
 * Bounds a whole MySQL transaction, so that its caller is answered within three seconds. At the deadline its
 * connection is closed, and the server rolls back.
 */
export class TransactionDeadline {
  private isOver = false;
  private connection: Driven | undefined;

  /** The first statement of an attempt: no attempt starts after the deadline. */
  async enter({ queryRunner }: EntityManager): Promise<void> {
    this.connection = (await queryRunner?.connect()) as Driven | undefined;
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
        this.end();
        reject(new TemporarilyUnavailable(overdue()));
      }, MAX_TRANSACTION_MS);
    });
    try {
      return await Promise.race([work, deadline]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The driver drops the pending statement of a destroyed connection; only an error on its stream rejects it. */
  private end(): void {
    this.connection?.stream.destroy(overdue());
    this.connection?.destroy();
  }
}

const overdue = () =>
  Object.assign(new Error('the database took too long'), { code: 'ER_LOCK_WAIT_TIMEOUT' });
