import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { Settings } from '../../config/settings.js';
import { PoliciesRepository } from '../../policies/policies.repository.js';
import { type Spellings, spellingsOf } from '../../resources/audience-spelling.js';
import { RecentAudiences } from '../../sessions/recent-audiences.js';

/** Which clients have, or could have, tokens for an audience that no resource registers, so that registering it changes them. */
@Injectable()
export class UnregisteredAudiences {
  constructor(
    private readonly settings: Settings,
    private readonly clients: ClientsRepository,
    private readonly policies: PoliciesRepository,
    private readonly recent: RecentAudiences,
  ) {}

  /**
   * Of any of its spellings, which mean the registered one from then on: the clients that list it or have live tokens for it, and those that may request any audience and recently had tokens for
   * this one.
   */
  async usedBy(audience: string): Promise<string[]> {
    const spellings = spellingsOf(audience);
    const listing = (await this.clients.listingMatch(spellings.part, spellings.has)).map(({ id }) => id);
    const live = await this.recent.live(spellings);
    return [...new Set([...listing, ...live, ...(await this.requestedBy(spellings))])];
  }

  private async requestedBy(spellings: Spellings): Promise<string[]> {
    const { unregisteredAudience: permitted } = this.settings;
    if (permitted === 'deny') return [];
    const users =
      permitted === 'allow'
        ? await this.recent.amongAll(spellings)
        : await this.recent.amongClients(spellings, await this.allowed());
    return (await this.withoutList(users)).map(({ id }) => id);
  }

  private async allowed(): Promise<string[]> {
    const policies = await this.policies.allowing();
    return [...new Set(policies.flatMap(({ clientIds }) => clientIds))];
  }

  private async withoutList(ids: readonly string[]): Promise<Client[]> {
    const found: Client[] = [];
    for await (const page of this.clients.pagesOf(ids)) {
      found.push(...page.filter(({ clientCredentials }) => !clientCredentials.audience));
    }
    return found;
  }
}
