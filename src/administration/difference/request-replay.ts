import { Injectable } from '@nestjs/common';
import type { Client } from '../../clients/client.js';
import { isValid } from '../../clients/client-validity.js';
import { CompiledPolicies } from '../../policies/compiled-policies.js';
import { OAuthError } from '../../protocol/oauth-error.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { betweenSlices } from '../../runtime/slices.js';
import type { GrantBasis } from '../../tokens/grants/grant.js';
import { type Rehearsed, RequestRehearsal } from '../../tokens/request-rehearsal.js';
import type { Configurations } from './configurations.js';
import { EarlierRequests, type RequestGroup } from './earlier-requests.js';
import { RequestReader } from './request-reader.js';

/** For reading and deciding; what is left then is counted as not decided. */
const MAX_MS = 8000;
const MAX_LISTED = 100;

export interface ConcernedClient {
  id: string;
  stored: Client | null;
  proposed: Client | null;
}

/**
 * `refused_or_narrowed`: refused if the request named its scope, narrowed if it did not; a session does not say which.
 */
export type ReplayOutcome = 'refused' | 'narrowed' | 'refused_or_narrowed';

/** Equal requests of a client that would get less. */
export interface ReplayedGroup extends RequestGroup {
  outcome: ReplayOutcome;
  /** The items of the granted scope that would be missing. */
  lost: string[];
  /** Of the refusal. */
  error: OAuthError | undefined;
}

/** Earlier token requests, decided by a proposed configuration. */
export interface Replay {
  start: number;
  end: number;
  /** Since when every request was read; after `start` if there were too many. */
  readFrom: number;
  /** Of the concerned clients. */
  requests: number;
  counts: Record<ReplayOutcome, number>;
  /** Requests that the stored configuration would refuse as well. */
  refusedAlready: number;
  undecided: number;
  /** Those with the most requests first. */
  groups: ReplayedGroup[];
  moreGroups: number;
  isRestricted: boolean;
}

/** Client and policies of one configuration. */
interface Side {
  client: Client | null;
  basis: GrantBasis;
}

type Verdict = Pick<ReplayedGroup, 'outcome' | 'lost' | 'error'> | 'refused already' | 'same';

/** Decides the granted token requests of a period once more, by a proposed configuration. Bounded in rows, memory and time. */
@Injectable()
export class RequestReplay {
  constructor(
    private readonly reader: RequestReader,
    private readonly rehearsal: RequestRehearsal,
  ) {}

  async of(
    clients: ReadonlyMap<string, ConcernedClient>,
    configurations: Configurations,
    start: number,
    isRestricted: boolean,
  ): Promise<Replay> {
    const until = performance.now() + MAX_MS;
    const end = nowMilliseconds();
    const requests = new EarlierRequests();
    const readFrom = await this.reader.read(clients, start, requests, until);
    const replay: Replay = {
      ...{ start, end, readFrom, requests: requests.count, isRestricted },
      counts: { refused: 0, narrowed: 0, refused_or_narrowed: 0 },
      ...{ refusedAlready: 0, undecided: requests.undecided, groups: [], moreGroups: 0 },
    };
    for (const [id, groups] of requests.byClient) {
      const { stored, proposed } = clients.get(id) as ConcernedClient;
      await betweenSlices();
      const before = sideOf(stored, configurations.stored);
      await betweenSlices();
      const after = sideOf(proposed, configurations.proposed);
      for (const group of groups) {
        await betweenSlices();
        if (performance.now() > until) replay.undecided += group.count;
        else count(replay, group, await this.judge(group, before, after));
      }
    }
    replay.groups.sort((one, other) => other.count - one.count);
    replay.moreGroups = Math.max(0, replay.groups.length - MAX_LISTED);
    return { ...replay, groups: replay.groups.slice(0, MAX_LISTED) };
  }

  private async judge(group: RequestGroup, before: Side, after: Side): Promise<Verdict> {
    const had = await this.decide(group, before);
    if (isRefused(had)) return 'refused already';
    const has = await this.decide(group, after);
    if (!isRefused(has)) return isNarrowed(had, has) ? narrowed(had, has) : 'same';
    const lost = had.scope ?? [];
    const error = has ?? undefined;
    // The whole grant of an audience is what a request without a scope gets.
    const whole = await this.decide(group, before, true);
    const isWhole = !isRefused(whole) && sameItems(whole.scope, group.request.scope);
    const rest = isWhole ? await this.decide(group, after, true) : null;
    if (isRefused(rest)) return { outcome: 'refused', lost, error };
    return { ...narrowed(had, rest), outcome: 'refused_or_narrowed', error };
  }

  /** null: the client may not request tokens at all. */
  private async decide(
    { request }: RequestGroup,
    { client, basis }: Side,
    withoutScope = false,
  ): Promise<Rehearsed | null> {
    if (!client || !isValid(client)) return null;
    return this.rehearsal.decide(request, client, basis, withoutScope);
  }
}

type Granted = Exclude<Rehearsed, OAuthError>;

const isRefused = (rehearsed: Rehearsed | null): rehearsed is OAuthError | null =>
  rehearsed === null || rehearsed instanceof OAuthError;

function sideOf(client: Client | null, { policies, catalog }: Configurations['stored']): Side {
  const own = client ? policies.ofClient(client.id) : [];
  return { client, basis: { catalog, policies: new CompiledPolicies(own) } };
}

function lostItems(had: Granted, has: Granted): string[] {
  const kept = new Set(has.scope);
  return (had.scope ?? []).filter((item) => !kept.has(item));
}

const isNarrowed = (had: Granted, has: Granted): boolean =>
  lostItems(had, has).length > 0 || had.audience.some((audience) => !has.audience.includes(audience));

const narrowed = (had: Granted, has: Granted): Exclude<Verdict, string> => ({
  outcome: 'narrowed',
  lost: lostItems(had, has),
  error: undefined,
});

function sameItems(one: readonly string[] | null, other: readonly string[] | null): boolean {
  if (one === null || other === null) return one === other;
  const items = new Set(one);
  return items.size === new Set(other).size && other.every((item) => items.has(item));
}

function count(replay: Replay, group: RequestGroup, verdict: Verdict): void {
  if (verdict === 'same') return;
  if (verdict === 'refused already') replay.refusedAlready += group.count;
  else {
    replay.counts[verdict.outcome] += group.count;
    replay.groups.push({ ...group, ...verdict });
  }
}
