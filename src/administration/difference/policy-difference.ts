import { Injectable } from '@nestjs/common';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import type { Client } from '../../clients/client.js';
import { ClientsRepository } from '../../clients/clients.repository.js';
import { FairLimiter } from '../../runtime/fair-limiter.js';
import { betweenSlices, inSlices } from '../../runtime/slices.js';
import type { Caller } from '../access/permissions.js';
import { Permits } from '../access/permits.js';
import type { BundleEntry } from '../bundles/bundle.dto.js';
import { type ClientDifference, differenceFor } from './client-difference.js';
import type { Configurations } from './configurations.js';
import { DifferenceTotals } from './difference-totals.js';
import { ProposedConfiguration } from './proposed-configuration.js';
import { type ConcernedClient, type Replay, RequestReplay } from './request-replay.js';
import { termsOf } from './rule-parts.js';

/** Decided items of one answer: some seconds of work. */
const MAX_ITEMS = 500_000;
/** Differences of clients that are alike in everything that decides; the memory of an answer is bounded by it. */
const MAX_REMEMBERED = 500;
const MAX_CONCERNED = 20_000;

export interface PolicyDifference {
  totals: DifferenceTotals;
  /** Undefined for a caller that may read no sessions, and where none was requested. */
  replay: Replay | undefined;
}

/**
 * Shows what a write of the configuration would change for clients, before it is made: which permissions they would gain and
 * lose, and which of their earlier token requests would be refused. Tells a caller of the clients only that it may read.
 */
@Injectable()
export class PolicyDifferences {
  private readonly limiter = new FairLimiter({ concurrency: 1, maxWaitingPerCaller: 4, maxWaiting: 20 });

  constructor(
    private readonly proposals: ProposedConfiguration,
    private readonly clients: ClientsRepository,
    private readonly permits: Permits,
    private readonly replays: RequestReplay,
  ) {}

  /** `start`: since when token requests are replayed; undefined: none is. */
  of(caller: Caller, entries: readonly BundleEntry[], start: number | undefined): Promise<PolicyDifference> {
    return this.limiter.run(caller.clientId, async () => {
      const configurations = await this.proposals.of(caller, entries);
      const totals = new DifferenceTotals(!(await this.permits.has(caller, 'Client', ALL, 'read')));
      const concerned = await this.compare(caller, configurations, totals);
      const replay =
        start === undefined ? undefined : await this.replay(caller, concerned, configurations, start);
      return { totals, replay };
    });
  }

  private async compare(
    caller: Caller,
    configurations: Configurations,
    totals: DifferenceTotals,
  ): Promise<ConcernedClient[]> {
    const compare = memoized(configurations);
    const concerned: ConcernedClient[] = [];
    for await (const { stored, proposed, id } of this.pairs(configurations)) {
      if (totals.isRestricted && !(await this.permits.has(caller, 'Client', id, 'read'))) continue;
      const difference = await compare({ stored, proposed, id });
      if (difference.isConcerned && concerned.length < MAX_CONCERNED)
        concerned.push({ stored, proposed, id });
      else if (difference.isConcerned) totals.isComplete = false;
      totals.add(id, (proposed ?? stored)?.name ?? null, difference);
    }
    return concerned;
  }

  /** Every client for which something may differ, as it is stored and as the proposal leaves it. */
  private async *pairs({ concerned, written }: Configurations): AsyncGenerator<ConcernedClient> {
    const found = new Set<string>();
    const pages = concerned ? this.clients.pagesOf([...concerned].sort()) : this.clients.pages();
    for await (const page of pages) {
      for (const stored of page) {
        const { id } = stored;
        found.add(id);
        yield { id, stored, proposed: written.has(id) ? (written.get(id) ?? null) : stored };
      }
    }
    for (const [id, proposed] of written) if (!found.has(id)) yield { id, stored: null, proposed };
  }

  private async replay(
    caller: Caller,
    concerned: readonly ConcernedClient[],
    configurations: Configurations,
    start: number,
  ): Promise<Replay | undefined> {
    if (!(await this.permits.hasAny(caller, 'Session'))) return undefined;
    const isRestricted = !(await this.permits.has(caller, 'Session', ALL, 'read'));
    const readable = new Map<string, ConcernedClient>();
    for (const client of concerned) {
      const isReadable = !isRestricted || (await this.permits.has(caller, 'Session', client.id, 'read'));
      if (isReadable) readable.set(client.id, client);
    }
    return this.replays.of(readable, configurations, start, isRestricted);
  }
}

type Compare = (client: ConcernedClient) => Promise<ClientDifference>;

/** Clients with the same policies and terms have the same difference. */
function memoized({ stored, proposed, resources }: Configurations): Compare {
  const known = new Map<string, ClientDifference>();
  const budget = { left: MAX_ITEMS };
  const standing = (client: Client | null, side: Configurations['stored'], id: string) => ({
    client,
    policies: client ? side.policies.ofClient(id) : [],
    catalog: side.catalog,
  });
  return async (client) => {
    const before = standing(client.stored, stored, client.id);
    const after = standing(client.proposed, proposed, client.id);
    const key = JSON.stringify(
      [before, after].map((one) => [termsOf(one.client), one.policies.map(({ id }) => id)]),
    );
    await betweenSlices();
    const difference = known.get(key) ?? (await inSlices(differenceFor(before, after, resources, budget)));
    if (known.size === MAX_REMEMBERED) known.clear();
    known.set(key, difference);
    return difference;
  };
}
