/** Of 32 random bytes about 30 are different: fewer than this never happens. */
const MIN_DIFFERENT_BYTES = 20;
/** The same of the 31 differences between neighbours: a sequence has few. */
const MIN_DIFFERENT_STEPS = 16;

/** What shows that a key of 32 bytes was typed or counted rather than drawn at random; nothing where nothing does. */
export function weaknessOfKey(key: Buffer): string | undefined {
  const steps = [...key.subarray(1)].map((byte, index) => (byte - (key[index] as number)) & 0xff);
  if (new Set(key).size < MIN_DIFFERENT_BYTES) return 'repeats its bytes and is not random';
  if (new Set(steps).size < MIN_DIFFERENT_STEPS) return 'is a sequence and is not random';
  // Random bytes are all printable once in 10^13 keys.
  return key.every((byte) => byte >= 0x20 && byte <= 0x7e) ? 'is text and not random' : undefined;
}
