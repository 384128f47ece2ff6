import { LRUCache } from 'lru-cache';
import { masked } from '../../../packages/protocol/src/masked.js';
import { tokenDigest } from '../../crypto/digest.js';
import type { Row } from '../../database/row-reader.js';

/** Where a request came from. */
export interface Origin {
  readonly address: string;
  /** As failures are counted: the address, or for IPv6 its network. */
  readonly network: string;
  readonly userAgent: string | undefined;
}

/** When and from where a credential of a client was last used. */
export interface LastUse {
  /** The id of the secret; otherwise a digest that identifies the key or rule. */
  id: string;
  clientId: string;
  kind: 'secret' | 'key' | 'rule';
  /** The `kid` of a key, if it has one; issuer and subject of a federated rule, separated by a space. */
  name: string;
  usedAt: number;
  address: string;
  userAgent: string;
}

/** Of a client that authenticates by the tokens of another issuer. */
export interface UsedRule {
  issuer: string;
  subject: string;
  claims: Readonly<Record<string, unknown>>;
}

const MAX_NAME_CHARACTERS = 255;
const MAX_USER_AGENT_CHARACTERS = 200;
/** Masking takes time in proportion to this. */
const MAX_READ_CHARACTERS = 1000;
const NOT_ASCII = /[^\x20-\x7E]/g;
/** Control characters and halves of characters, which not every engine stores. */
const NOT_STORABLE = /[\p{Cc}\p{Cs}]/gu;

export const keyUseId = (clientId: string, slot: string): string => tokenDigest(`${clientId}\0key ${slot}`);

export const ruleUseId = (clientId: string, { issuer, subject, claims }: UsedRule): string =>
  tokenDigest(`${clientId}\0rule ${JSON.stringify([issuer, subject, claims])}`);

/** Fits into its column on every engine. */
export const shortName = (text: string): string =>
  text.slice(0, MAX_NAME_CHARACTERS).replace(NOT_STORABLE, '?');

const shortened = (text: string): string =>
  masked(text.slice(0, MAX_READ_CHARACTERS), '...')
    .slice(0, MAX_USER_AGENT_CHARACTERS)
    .replace(NOT_ASCII, '?');

const MAX_KNOWN_USER_AGENTS = 1000;
const MAX_KNOWN_CHARACTERS = 256;
const knownUserAgents = new LRUCache<string, string>({ max: MAX_KNOWN_USER_AGENTS });

/** The name of a program, without credentials that were sent in the wrong header. Most requests send one of few. */
export function shortUserAgent(text = ''): string {
  if (text.length > MAX_KNOWN_CHARACTERS) return shortened(text);
  let short = knownUserAgents.get(text);
  if (short === undefined) {
    short = shortened(text);
    knownUserAgents.set(text, short);
  }
  return short;
}

export const lastUseOf = (row: Row): LastUse => ({
  id: String(row.id),
  clientId: String(row.client_id),
  kind: row.kind as LastUse['kind'],
  name: String(row.name),
  usedAt: Number(row.used_at),
  address: String(row.address),
  userAgent: String(row.user_agent),
});
