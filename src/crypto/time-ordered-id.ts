import { V7Generator } from 'uuidv7';
import { sharedMilliseconds } from '../runtime/clock.js';
import { randomUint32 } from './random.js';

const LAST_MILLISECOND = 2 ** 48 - 1;

const generator = new V7Generator({ nextUint32: randomUint32 });
generator.setRollbackAllowance(LAST_MILLISECOND);

let lastTime = 0;
let lastAt = performance.now();

/**
 * The time in new ids: the shared time, or, after the clock was set back, the last time used plus the time elapsed
 * since. It never goes back and never stops.
 */
export function idMilliseconds(): number {
  const at = performance.now();
  lastTime = Math.min(Math.max(sharedMilliseconds(), lastTime + (at - lastAt)), LAST_MILLISECOND);
  lastAt = at;
  return Math.floor(lastTime);
}

/**
 * Later ids are greater than this: another or an earlier process has used it. Returns how far this process was
 * behind.
 */
export function continueAfter(milliseconds: number): number {
  const behind = milliseconds - idMilliseconds();
  if (behind >= 0) lastTime = milliseconds + 1;
  return behind;
}

/** A UUID version 7, greater than all that this process made before (RFC 9562 5.7, 6.2). */
export const timeOrderedId = (): string => textOf(generator.generateOrResetWithTs(idMilliseconds()).bytes);

const DIGITS = Buffer.from('0123456789abcdef');
/** Every id is written over the digits of this one. */
const text = Buffer.from('00000000-0000-0000-0000-000000000000');
/** The places of the first digits of the bytes. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

/** UUID's own conversion joins 36 strings, which takes twice as long. */
function textOf(bytes: Uint8Array): string {
  for (let at = 0; at < bytes.length; at++) {
    const place = PLACES[at] as number;
    const byte = bytes[at] as number;
    text[place] = DIGITS[byte >> 4] as number;
    text[place + 1] = DIGITS[byte & 15] as number;
  }
  return text.toString('latin1');
}
