import type { DescribedClient } from '../../clients/client.js';
import { DESCRIPTIVE } from '../configuration/configuration-type.js';
import { clientView } from './client.wire.js';
import type { ClientDraft } from './client-drafts.js';
import type { ShownClient } from './shown-clients.js';

/**
 * Whether a write changes what the client can do or how it authenticates: with any member that does more than describe
 * it, the caller could impersonate the client or lock it out.
 */
export function changesAccess(before: ShownClient, after: DescribedClient, { secret }: ClientDraft): boolean {
  return secret !== undefined || accessOf(before) !== accessOf({ ...after, secrets: [], uses: [] });
}

function accessOf(client: ShownClient): string {
  const own = { secrets: [], uses: [], grantTypes: [...client.grantTypes].sort() };
  const view = clientView({ ...client, ...own });
  return JSON.stringify(Object.entries(view).filter(([member]) => !DESCRIPTIVE.has(member)));
}
