import { crc32 } from 'node:zlib';
import { HANDLE_PREFIXES } from '../../packages/protocol/src/handle-prefix.js';
import { fillRandomly } from './random.js';

export type HandleKind = keyof typeof HANDLE_PREFIXES;

const RANDOM_BYTES = 32;
const ID_BYTES = 16;
const CHECKSUM_LENGTH = 6;
const HANDLE_LENGTH = 74;

/** Every value is made in this one: allocating a buffer takes as long as the rest. */
const body = Buffer.alloc(RANDOM_BYTES + ID_BYTES);

/**
 * An opaque value: prefix, 256 random bits, the session id, and a checksum that rejects mistyped or invented values
 * before the database is queried. The id is masked with the random bits so that no two values share a visible part.
 * 74 characters of `[A-Za-z0-9_-]`.
 */
export function makeHandle(kind: HandleKind, id: string): string {
  fillRandomly(body, RANDOM_BYTES);
  writeId(id);
  mask(body);
  return withChecksum(HANDLE_PREFIXES[kind] + body.toString('base64url'));
}

/** The session id inside an opaque value; undefined if this server cannot have made the value. */
export function readHandle(kind: HandleKind, value: string): string | undefined {
  const prefix = HANDLE_PREFIXES[kind];
  if (value.length !== HANDLE_LENGTH || !value.startsWith(prefix) || !hasChecksum(value)) return undefined;
  const body = Buffer.from(value.slice(prefix.length, -CHECKSUM_LENGTH), 'base64url');
  if (body.length !== RANDOM_BYTES + ID_BYTES) return undefined;
  mask(body);
  return toUuid(body.toString('hex', RANDOM_BYTES));
}

/** A client secret: prefix, 256 random bits, checksum; 53 characters. */
export function makeSecret(): string {
  fillRandomly(body, RANDOM_BYTES);
  return withChecksum(HANDLE_PREFIXES.clientSecret + body.toString('base64url', 0, RANDOM_BYTES));
}

const SECRET_LENGTH = HANDLE_PREFIXES.clientSecret.length + 43 + CHECKSUM_LENGTH;

/** Whether makeSecret could have made this value; 256 random bits need no slow hash. */
export const isMadeSecret = (value: string): boolean =>
  value.length === SECRET_LENGTH && value.startsWith(HANDLE_PREFIXES.clientSecret) && hasChecksum(value);

/** Whether a value resembles a token or secret of this server, complete or not. */
export const isHandle = (value: string): boolean =>
  Object.values(HANDLE_PREFIXES).some((prefix) => value.startsWith(prefix));

const hasChecksum = (value: string): boolean => value === withChecksum(value.slice(0, -CHECKSUM_LENGTH));

const checksum = Buffer.alloc(4);

function withChecksum(text: string): string {
  checksum.writeUInt32BE(crc32(text));
  return text + checksum.toString('base64url');
}

const HYPHEN = 0x2d;
/** The value of each hexadecimal digit by its character code. */
const DIGITS = Uint8Array.from(
  { length: 128 },
  (_, code) => Number.parseInt(String.fromCharCode(code), 16) || 0,
);

/** Writes a UUID after the random bytes; digit by digit takes half as long as by removing the hyphens first. */
function writeId(id: string): void {
  let at = RANDOM_BYTES;
  for (let place = 0; place < id.length; place += 2) {
    if (id.charCodeAt(place) === HYPHEN) place++;
    body[at++] = (digitAt(id, place) << 4) | digitAt(id, place + 1);
  }
}

const digitAt = (id: string, place: number): number => DIGITS[id.charCodeAt(place)] as number;

/** XORs the id in place with the random bytes before it; applying it twice restores the id. */
function mask(body: Buffer): void {
  for (let at = 0; at < ID_BYTES; at++) {
    body[RANDOM_BYTES + at] = (body[RANDOM_BYTES + at] as number) ^ (body[at] as number);
  }
}

const toUuid = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
