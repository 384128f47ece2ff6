import { createHash } from 'node:crypto';

type Document = Readonly<Record<string, unknown>>;

const MAX_BYTES = 64 * 1024;
const MAX_MEMBER_BYTES = 8 * 1024;

/**
 * The state before and after a configuration change, complete if small; large members of a large document are
 * replaced by their digests, so that repeated changes cannot fill the disk.
 */
export function change(before: Document | null, after: Document | null): Record<string, unknown> {
  return {
    ...(before === null ? {} : { before: bounded(before) }),
    ...(after === null ? {} : { after: bounded(after) }),
  };
}

function bounded(document: Document): Document {
  if (Buffer.byteLength(JSON.stringify(document)) <= MAX_BYTES) return document;
  return Object.fromEntries(Object.entries(document).map(([name, member]) => [name, boundedMember(member)]));
}

function boundedMember(member: unknown): unknown {
  const text = JSON.stringify(member);
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_MEMBER_BYTES) return member;
  return { bytes, sha256: createHash('sha256').update(text).digest('base64url') };
}
