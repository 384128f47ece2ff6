import { randomFillSync } from 'node:crypto';

const SLAB_BYTES = 16 * 1024;
const slab = Buffer.allocUnsafe(SLAB_BYTES);
let used = SLAB_BYTES;

/** Unguessable bytes. One call of the generator serves many tokens; what was handed out is wiped from the slab. */
export function randomBytes(length: number): Buffer {
  if (used + length > SLAB_BYTES) {
    randomFillSync(slab);
    used = 0;
  }
  const bytes = Buffer.from(slab.subarray(used, used + length));
  slab.fill(0, used, used + length);
  used += length;
  return bytes;
}
