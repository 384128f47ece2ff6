import { V7Generator } from 'uuidv7';
import { sharedMilliseconds } from '../runtime/clock.js';
import { randomUint32 } from './random.js';

const LAST_MILLISECOND = 2 ** 48 - 1;

const generator = new V7Generator({ nextUint32: randomUint32 });
generator.setRollbackAllowance(LAST_MILLISECOND);

let lastTime = 0;
let lastAt = performance.now();

/**
 * The time in new ids: the shared one, or behind a step of that back as much later as has passed. So it never goes back,
 * and never stands still.
 */
export function idMilliseconds(): number {
  const at = performance.now();
  lastTime = Math.min(Math.max(sharedMilliseconds(), lastTime + (at - lastAt)), LAST_MILLISECOND);
  lastAt = at;
  return Math.floor(lastTime);
}

/** New ids are later than this: another process, or an earlier one, has come as far. Answers how far they were behind. */
export function continueAfter(milliseconds: number): number {
  const behind = milliseconds - idMilliseconds();
  if (behind >= 0) lastTime = milliseconds + 1;
  return behind;
}

/** A UUID of version 7, greater than all that this process made before (RFC 9562 5.7, 6.2). */
export const timeOrderedId = (): string => generator.generateOrResetWithTs(idMilliseconds()).toString();
