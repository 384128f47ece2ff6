import type { ClientDocument, SecretRecord } from '../../api/documents.ts';
import { isSoon, SOON_MS } from '../../ui/soon.ts';

export type ClientState = 'active' | 'disabled' | 'expired' | 'expires soon';

export function stateOf({ active, expires_at }: ClientDocument, nowMs = Date.now()): ClientState {
  if (!active) return 'disabled';
  if (expires_at === undefined) return 'active';
  const leftMs = new Date(expires_at).getTime() - nowMs;
  if (leftMs <= 0) return 'expired';
  return leftMs < SOON_MS ? 'expires soon' : 'active';
}

export const endsSoon = ({ end }: SecretRecord): boolean => end !== undefined && isSoon(end);

/** A client's authentication methods, in a few words. */
export function proofOf(client: ClientDocument): string {
  const count = client.secrets?.length ?? 0;
  const parts = [
    client.jwks !== undefined || client.jwks_uri !== undefined ? 'key' : '',
    client.federated !== undefined && client.federated.length > 0 ? 'federated' : '',
    count === 1 ? 'secret' : count > 1 ? `${count} secrets` : '',
  ].filter(Boolean);
  return parts.join(', ') || 'none';
}
