import { ALL, type ScopeItem } from '../../../packages/protocol/src/scope-item.js';
import { tokenDigest } from '../../crypto/digest.js';

/** Older uses are deleted. */
export const MAX_USE_DAYS = 90;

/** How often something that a client is granted was used. */
export interface ScopeUse extends ScopeItem {
  clientId: string;
  /** Several items are recorded as one: `*` stands for parts that were not recorded, not for a checked `*`. */
  folded: boolean;
  /** Since when both are counted. */
  firstUsedAt: number;
  lastUsedAt: number;
  /** At `/auth/verify` and AuthZEN. */
  verified: number;
  introspected: number;
}

type UsedItem = Pick<ScopeUse, 'clientId' | 'folded' | keyof ScopeItem>;

export const scopeUseId = ({ clientId, resource, identifier, operation, folded }: UsedItem): string =>
  tokenDigest(JSON.stringify([clientId, resource, identifier, operation, folded]));

/** Anything at all that a client is granted. */
export const ANYTHING: ScopeItem = { resource: ALL, identifier: ALL, operation: ALL };

export const foldedIdentifiers = (use: ScopeUse): ScopeUse => ({ ...use, identifier: ALL, folded: true });

export const foldedWhole = (use: ScopeUse): ScopeUse => ({ ...use, ...ANYTHING, folded: true });

/** Adds the counts of another period to these. */
export function addUse(to: ScopeUse, { firstUsedAt, lastUsedAt, verified, introspected }: ScopeUse): void {
  to.firstUsedAt = Math.min(to.firstUsedAt, firstUsedAt);
  to.lastUsedAt = Math.max(to.lastUsedAt, lastUsedAt);
  to.verified += verified;
  to.introspected += introspected;
}
