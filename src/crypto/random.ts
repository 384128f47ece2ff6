import { randomFillSync } from 'node:crypto';

const SLAB_BYTES = 16 * 1024;
const slab = Buffer.allocUnsafe(SLAB_BYTES);
let used = SLAB_BYTES;

/** An unpredictable 32-bit number. */
export function randomUint32(): number {
  if (used + 4 > SLAB_BYTES) refill();
  const number = slab.readUInt32LE(used);
  slab.writeUInt32LE(0, used);
  used += 4;
  return number;
}

/**
 * Fills the first bytes of `target` with unpredictable ones. One call of the generator serves many tokens; bytes are
 * wiped from the slab when handed out.
 */
export function fillRandomly(target: Uint8Array, length: number): void {
  if (used + length > SLAB_BYTES) refill();
  for (let at = 0; at < length; at++) {
    target[at] = slab[used] as number;
    slab[used++] = 0;
  }
}

function refill(): void {
  randomFillSync(slab);
  used = 0;
}
