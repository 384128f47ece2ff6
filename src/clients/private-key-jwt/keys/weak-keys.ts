/** The prime factors of a real RSA modulus have hundreds of digits. */
const MAX_SMALL_FACTOR = 1000;
const SMALL_PRIMES = primesTo(MAX_SMALL_FACTOR).reduce((product, prime) => product * BigInt(prime), 1n);

/** The values of y, little-endian and without the sign of x, of the eight points whose order divides eight (RFC 7748 7). */
const SMALL_ORDER = new Set([
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
]);
/** Values from here to 2^255 are non-canonical encodings of y, which decoders must reject (RFC 8032 5.1.3). */
const FIELD_PRIME = 2n ** 255n - 19n;

/** Whether an RSA modulus has a small prime factor and so can be factored at once. */
export function hasSmallFactor(modulus: Buffer): boolean {
  const product = BigInt(`0x${modulus.toString('hex')}`);
  return greatestCommonDivisor(SMALL_PRIMES, product % SMALL_PRIMES) !== 1n;
}

/** Whether an Ed25519 public key has small order, in any encoding: its signatures can be made without a private key. */
export function hasSmallOrder(point: Buffer): boolean {
  const y = Buffer.from(point);
  y[31] = (y[31] as number) & 0x7f;
  return SMALL_ORDER.has(y.toString('hex')) || BigInt(`0x${y.reverse().toString('hex')}`) >= FIELD_PRIME;
}

function greatestCommonDivisor(one: bigint, other: bigint): bigint {
  let [larger, smaller] = [one, other];
  while (smaller > 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

function primesTo(last: number): number[] {
  const numbers = Array.from({ length: last - 1 }, (_, index) => index + 2);
  return numbers.filter((number) => numbers.every((other) => other * other > number || number % other !== 0));
}
