import { setTimeout as sleep } from 'node:timers/promises';
import { isConflict, isLockWait } from '../storage-error.js';

const MAX_ATTEMPTS = 8;
/** The caller is answered within three seconds. */
const MAX_CONFLICT_MS = 2000;

/** Repeats what lost against another transaction. */
export async function retried<T>(attempt: () => Promise<T>): Promise<T> {
  const until = performance.now() + MAX_CONFLICT_MS;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const over = tries === MAX_ATTEMPTS || performance.now() > until;
      if (!isConflict(error) || isLockWait(error) || over) throw error;
      await sleep(Math.random() * 5 * 2 ** tries);
    }
  }
}
