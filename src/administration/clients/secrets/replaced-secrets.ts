import type { Client } from '../../../clients/client.js';
import type { ClientSecret } from '../../../clients/client-secret.entity.js';
import { isLive, timeOfEnd } from '../../../clients/client-secrets.js';
import { wrongMembers } from '../../../protocol/problem.js';
import { isoTime } from '../../documents/meta.js';
import type { ClientDraft } from '../client-drafts.js';

/** Whether a write depends on the secrets that an existing client has. */
export const comparesSecrets = (
  { tokenEndpointAuthMethod: method }: Client,
  { secret }: ClientDraft,
): boolean => secret !== undefined || method === 'private_key_jwt';

/**
 * The secrets that replace all others; undefined if those are kept, because the body has none or repeats a valid one.
 * A client that uses private_key_jwt has none.
 */
export function newSecrets(
  { tokenEndpointAuthMethod: method }: Client,
  { secret, known }: ClientDraft,
  kept: readonly ClientSecret[],
): ClientSecret[] | undefined {
  if (secret === null) return kept.length > 0 ? [] : undefined;
  if (method === 'private_key_jwt') return kept.some(isLive) ? [] : undefined;
  if (secret === undefined || kept.some((row) => row.id === known?.id && isLive(row))) return undefined;
  return [secret];
}

/** A document from before a rotation must not undo it. */
export function assertNotEnded({ known }: Pick<ClientDraft, 'known'>, kept: readonly ClientSecret[]): void {
  const ended = kept.find((row) => row.id === known?.id && !isLive(row));
  if (!ended) return;
  const at = isoTime(timeOfEnd(ended.expiresAt as number));
  const message = `was ended at ${at}: omit it, or use a new one`;
  throw wrongMembers([{ path: 'secret', message }]);
}
