import type { DescribedClient } from '../../clients/client.js';
import { clientView } from './client.wire.js';
import type { ClientDraft } from './client-drafts.js';
import type { ShownClient } from './shown-clients.js';

/** What only describes a client is harmless; with all other members the caller could impersonate the client or lock it out. */
const HARMLESS = new Set(['meta', 'name', 'description', 'owner', 'labels', 'secrets']);

/** Whether a write changes what the client can do or how it authenticates. */
export function changesAccess(before: ShownClient, after: DescribedClient, { secret }: ClientDraft): boolean {
  return secret !== undefined || accessOf(before) !== accessOf({ ...after, secrets: [] });
}

function accessOf(client: ShownClient): string {
  const view = clientView({ ...client, grantTypes: [...client.grantTypes].sort() });
  return JSON.stringify(Object.entries(view).filter(([member]) => !HARMLESS.has(member)));
}
