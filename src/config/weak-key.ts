/** 32 random bytes contain about 30 distinct values; fewer than this practically never occur. */
const MIN_DIFFERENT_BYTES = 20;
/** The same for the 31 differences between adjacent bytes: a sequence has few distinct ones. */
const MIN_DIFFERENT_STEPS = 16;

/** Why a 32-byte key appears to be typed or counted instead of random; undefined if it does not. */
export function weaknessOfKey(key: Buffer): string | undefined {
  const steps = [...key.subarray(1)].map((byte, index) => (byte - (key[index] as number)) & 0xff);
  if (new Set(key).size < MIN_DIFFERENT_BYTES) return 'repeats its bytes and is not random';
  if (new Set(steps).size < MIN_DIFFERENT_STEPS) return 'is a sequence and is not random';
  // One random key in 10^13 is all printable.
  return key.every((byte) => byte >= 0x20 && byte <= 0x7e) ? 'is text and not random' : undefined;
}
