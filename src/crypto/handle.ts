import { crc32 } from 'node:zlib';
import { HANDLE_PREFIXES } from '../protocol/handle-prefix.js';
import { randomBytes } from './random.js';

export type HandleKind = keyof typeof HANDLE_PREFIXES;

const RANDOM_BYTES = 32;
const ID_BYTES = 16;
const CHECKSUM_LENGTH = 6;
const HANDLE_LENGTH = 74;

/**
 * An opaque value: prefix, 256 random bits, the id of a session, and a checksum that refuses a mistyped or invented
 * value before the database is asked. The id is masked with the random bits, so that no two values look alike.
 * 74 characters of `[A-Za-z0-9_-]`.
 */
export function makeHandle(kind: HandleKind, id: string): string {
  const body = randomBytes(RANDOM_BYTES + ID_BYTES);
  body.write(id.replaceAll('-', ''), RANDOM_BYTES, 'hex');
  mask(body);
  return withChecksum(HANDLE_PREFIXES[kind] + body.toString('base64url'));
}

/** The session id inside an opaque value, or nothing when the value cannot be one of ours. */
export function readHandle(kind: HandleKind, value: string): string | undefined {
  const prefix = HANDLE_PREFIXES[kind];
  if (value.length !== HANDLE_LENGTH || !value.startsWith(prefix) || !hasChecksum(value)) return undefined;
  const body = Buffer.from(value.slice(prefix.length, -CHECKSUM_LENGTH), 'base64url');
  if (body.length !== RANDOM_BYTES + ID_BYTES) return undefined;
  mask(body);
  return toUuid(body.toString('hex', RANDOM_BYTES));
}

/** A client secret: prefix, 256 random bits, checksum; 53 characters. */
export const makeSecret = (): string =>
  withChecksum(HANDLE_PREFIXES.clientSecret + randomBytes(RANDOM_BYTES).toString('base64url'));

const SECRET_LENGTH = HANDLE_PREFIXES.clientSecret.length + 43 + CHECKSUM_LENGTH;

/** True for a value that makeSecret could have made: 256 random bits need no slow hash. */
export const isMadeSecret = (value: string): boolean =>
  value.length === SECRET_LENGTH && value.startsWith(HANDLE_PREFIXES.clientSecret) && hasChecksum(value);

/** True for what looks like a token or a secret of this server, whole or not. */
export const isHandle = (value: string): boolean =>
  Object.values(HANDLE_PREFIXES).some((prefix) => value.startsWith(prefix));

const hasChecksum = (value: string): boolean => value === withChecksum(value.slice(0, -CHECKSUM_LENGTH));

const checksum = Buffer.alloc(4);

function withChecksum(text: string): string {
  checksum.writeUInt32BE(crc32(text));
  return text + checksum.toString('base64url');
}

/** Masks the id, in its place, with the random bytes before it; again takes the mask away. */
function mask(body: Buffer): void {
  for (let at = 0; at < ID_BYTES; at++) {
    body[RANDOM_BYTES + at] = (body[RANDOM_BYTES + at] as number) ^ (body[at] as number);
  }
}

const toUuid = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
