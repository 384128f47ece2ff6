import { call } from '../../api/request.ts';
import type { PolicyDraft } from './policy-draft.ts';

export interface DifferingItem {
  scope: string;
  audience: string;
}

export interface DifferingClient {
  client: { id: string };
  lost: DifferingItem[];
  more_lost?: number;
  gained: DifferingItem[];
  more_gained?: number;
}

export interface ReplayedRequests {
  client: { id: string };
  outcome: 'refused' | 'narrowed' | 'refused_or_narrowed';
  requests: number;
  dialect: string;
  scope?: string;
  audience: string[];
  lost: string;
  last: string;
  address?: string;
}

export interface Replay {
  complete: boolean;
  read_from?: string;
  requests: number;
  refused: number;
  narrowed: number;
  refused_or_narrowed: number;
  undecided?: number;
  groups: ReplayedRequests[];
  more_groups?: number;
}

export interface PolicyDifference {
  lost: number;
  gained: number;
  clients_losing: number;
  clients_gaining: number;
  complete: boolean;
  restricted?: true;
  clients: DifferingClient[];
  more_clients?: number;
  replay?: Replay;
}

/** What saving the draft would change for clients, and for their token requests of the last 24 hours. */
export async function differenceOf(id: string, draft: PolicyDraft): Promise<PolicyDifference> {
  const body = { ...draft, id };
  return (await call<PolicyDifference>('/AccessPolicy/$difference', { method: 'POST', body })).body;
}

const some = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;

const verb = (count: number, plain: string): string => (count === 1 ? `${plain}s` : plain);

/** Such as: 3 clients lose 7 permissions. */
export function permissionsSentence(difference: PolicyDifference): string {
  const { lost, gained, clients_losing: losing, clients_gaining: gaining } = difference;
  const parts = [
    losing > 0 ? `${some(losing, 'client')} ${verb(losing, 'lose')} ${some(lost, 'permission')}` : '',
    gaining > 0 ? `${some(gaining, 'client')} ${verb(gaining, 'gain')} ${some(gained, 'permission')}` : '',
  ].filter(Boolean);
  return parts.length > 0 ? `${parts.join(', ')}.` : 'No client loses or gains a permission.';
}

/** Such as: of 41,207 token requests of the last 24 hours, 12 would have been refused. */
export function replaySentence({ requests, refused, narrowed, refused_or_narrowed: either }: Replay): string {
  const outcomes = [
    `${refused.toLocaleString('en')} would have been refused`,
    ...(narrowed > 0 ? [`${narrowed.toLocaleString('en')} narrowed`] : []),
    ...(either > 0 ? [`${either.toLocaleString('en')} refused, or narrowed where they named no scope`] : []),
  ];
  return `Of ${some(requests, 'token request')} of these clients in the last 24 hours, ${outcomes.join(', ')}.`;
}

/** What the counts leave out. */
export function limitsOf({ complete, restricted, replay }: PolicyDifference): string[] {
  return [
    ...(complete ? [] : ['There is more to decide than the limit allows: the counts are too small.']),
    ...(restricted ? ['Only clients that you may read are counted.'] : []),
    ...(replay === undefined ? ['You may read no sessions: token requests were not replayed.'] : []),
    ...(replay?.complete === false
      ? ['There were too many token requests: not all of them were replayed.']
      : []),
  ];
}
