import { Injectable } from '@nestjs/common';
import { type DayCount, dateOf, dayOf, TokenCounts } from '../../sessions/token-counts.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { present } from '../documents/meta.js';
import { ScopeUsage } from '../usage/scope-usage.js';
import { lastUsesView } from './last-uses.js';
import { type ShownClient, ShownClients } from './shown-clients.js';

/** How many tokens clients got on each day, and when and from where their credentials were last used. */
@Injectable()
export class ClientUsage {
  constructor(
    private readonly clients: ShownClients,
    private readonly counts: TokenCounts,
    private readonly scopes: ScopeUsage,
  ) {}

  /** Of the last `days` days, today included. */
  async ofMany(ids: readonly string[], days: number): Promise<JsonObject[]> {
    return this.viewsOf(await this.clients.findMany(ids), days);
  }

  /** Of one client, with what it used of what it is granted, for callers that may read policies. */
  async of(id: string, days: number, withScopes: boolean): Promise<JsonObject | undefined> {
    const client = await this.clients.find(id);
    if (!client) return undefined;
    const [usage] = await this.viewsOf([client], days);
    return withScopes ? { ...usage, scopes: await this.scopes.of(client, days) } : usage;
  }

  /** What each client is granted and has not used in the last `days` days. */
  async unusedScopes(ids: readonly string[], days: number): Promise<JsonObject[]> {
    return this.scopes.unusedOf(await this.clients.findMany(ids), days);
  }

  private async viewsOf(clients: readonly ShownClient[], days: number): Promise<JsonObject[]> {
    const ids = clients.map(({ id }) => id);
    const counts = new Map<string, DayCount[]>(ids.map((id) => [id, []]));
    for (const count of await this.counts.ofClients(ids, days)) counts.get(count.clientId)?.push(count);
    return clients.map((client) => usageView(client, counts.get(client.id) ?? []));
  }
}

function usageView(client: ShownClient, counts: readonly DayCount[]): JsonObject {
  // An earlier client may have had this id.
  const own = counts.filter(({ day }) => day >= dayOf(client.createdAt));
  return present({
    resourceType: 'Client',
    id: client.id,
    name: client.name ?? undefined,
    tokens: own.reduce((sum, { tokens }) => sum + tokens, 0),
    tokens_per_day: own.map(({ day, tokens }) => ({ day: dateOf(day), tokens })),
    last_uses: lastUsesView(client) ?? [],
  });
}
