interface Item {
  scope: string;
  audience: string;
}

interface ClientDifference {
  client: { id: string };
  lost: Item[];
  more_lost?: number;
  gained: Item[];
  more_gained?: number;
}

interface ReplayedRequests {
  client: { id: string };
  outcome: 'refused' | 'narrowed' | 'refused_or_narrowed';
  requests: number;
  scope?: string;
  lost: string;
  error?: string;
  last: string;
  address?: string;
}

interface Replay {
  start: string;
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

/** The answer of `$difference`. */
export interface Difference {
  lost: number;
  gained: number;
  clients_losing: number;
  clients_gaining: number;
  complete: boolean;
  clients: ClientDifference[];
  more_clients?: number;
  replay?: Replay;
}

const OUTCOMES = {
  refused: 'refused',
  narrowed: 'narrowed',
  refused_or_narrowed: 'refused, or narrowed if it named no scope',
};

const some = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

const more = (count: number | undefined, what: string): string[] =>
  count === undefined ? [] : [`    and ${some(count, `more ${what}`)}`];

/** For people: the sums first, then what they consist of. */
export function differenceAsText(difference: Difference): string {
  const { lost, gained, clients_losing: losing, clients_gaining: gaining, complete } = difference;
  return [
    `${some(losing, 'client')} would lose ${some(lost, 'permission')}, ${some(gaining, 'client')} would gain ${some(gained, 'permission')}.`,
    ...(complete ? [] : ['There is more: the limit of decisions was reached.']),
    ...difference.clients.flatMap(clientLines),
    ...more(difference.more_clients, 'client'),
    ...(difference.replay ? replayLines(difference.replay) : []),
  ].join('\n');
}

const clientLines = ({ client, lost, more_lost, gained, more_gained }: ClientDifference): string[] => [
  `  ${client.id}`,
  ...lost.map(({ scope, audience }) => `    - ${scope} (${audience})`),
  ...more(more_lost, 'lost permission'),
  ...gained.map(({ scope, audience }) => `    + ${scope} (${audience})`),
  ...more(more_gained, 'gained permission'),
];

function replayLines(replay: Replay): string[] {
  const { refused, narrowed, refused_or_narrowed: either, undecided, more_groups } = replay;
  return [
    `Of ${some(replay.requests, 'token request')} of these clients since ${replay.read_from ?? replay.start}, ${refused} would have been refused and ${narrowed} narrowed.`,
    ...(either > 0 ? [`${either} more would have been ${OUTCOMES.refused_or_narrowed}.`] : []),
    ...(undecided === undefined ? [] : [`${some(undecided, 'request')} could not be decided.`]),
    ...replay.groups.map(groupLine),
    ...more(more_groups, 'different request'),
  ];
}

const groupLine = ({
  client,
  outcome,
  requests,
  scope,
  lost,
  error,
  last,
  address,
}: ReplayedRequests): string =>
  [
    `  ${requests} x ${client.id}: ${OUTCOMES[outcome]}`,
    error === undefined ? [] : `(${error})`,
    `scope ${scope === undefined || scope === '' ? 'none' : scope}`,
    lost === '' ? [] : `without ${lost}`,
    `last ${last}${address === undefined ? '' : ` from ${address}`}`,
  ]
    .flat()
    .join(', ')
    .replace(', (', ' (');
