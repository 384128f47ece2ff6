import type { SqlValue } from '../../durable-writer.js';
import type { PendingAppend } from '../../write-queue.js';

/** Scopes can be long, and a server closes the connection on a statement above its max_allowed_packet. */
const MAX_STATEMENT_BYTES = 512 * 1024;
/** Bytes of UTF-8 per UTF-16 code unit. */
const MAX_BYTES_PER_UNIT = 3;

export const fitAStatement = (appends: readonly PendingAppend[]): boolean =>
  appends.reduce((bytes, { write }) => bytes + maxBytesOf(write.row), 0) <= MAX_STATEMENT_BYTES;

function maxBytesOf(row: readonly SqlValue[]): number {
  let bytes = 0;
  for (const value of row) bytes += typeof value === 'string' ? MAX_BYTES_PER_UNIT * value.length : 8;
  return bytes;
}
