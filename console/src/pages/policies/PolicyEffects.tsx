import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Minus, Plus, TriangleAlert } from 'lucide-react';
import type { ApiError } from '../../api/api-error.ts';
import { Badge } from '../../ui/Badge.tsx';
import { type Column, Table } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';
import { ErrorNote, Loading } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import {
  differenceOf,
  limitsOf,
  type PolicyDifference,
  permissionsSentence,
  type ReplayedRequests,
  replaySentence,
} from './difference.ts';
import type { PolicyDraft } from './policy-draft.ts';

interface PermissionRow {
  id: string;
  client: string;
  scope: string;
  audience: string;
  isLost: boolean;
}

type RequestRow = ReplayedRequests & { id: string };

const ClientLink = ({ id }: { id: string }) => (
  <Link to="/clients/$id/permissions" params={{ id }}>
    {id}
  </Link>
);

const PERMISSIONS: Column<PermissionRow>[] = [
  { name: 'Client', show: ({ client }) => <ClientLink id={client} /> },
  { name: 'Permission', show: ({ scope }) => <code className="break">{scope}</code> },
  { name: 'Audience', wide: true, show: ({ audience }) => <code className="break">{audience}</code> },
  {
    name: 'Would be',
    show: ({ isLost }) =>
      isLost ? (
        <Badge tone="danger" icon={Minus}>
          Lost
        </Badge>
      ) : (
        <Badge tone="good" icon={Plus}>
          Gained
        </Badge>
      ),
  },
];

const OUTCOMES = {
  refused: 'Refused',
  narrowed: 'Narrowed',
  refused_or_narrowed: 'Refused or narrowed',
};

const REQUESTS: Column<RequestRow>[] = [
  { name: 'Client', show: ({ client }) => <ClientLink id={client.id} /> },
  { name: 'Requests', show: ({ requests }) => requests.toLocaleString('en') },
  {
    name: 'Scope',
    show: ({ scope, lost }) => (
      <>
        <code className="break">{scope ?? 'none'}</code>
        {lost !== '' && lost !== scope && (
          <div className="small soft">
            without <code className="break">{lost}</code>
          </div>
        )}
      </>
    ),
  },
  {
    name: 'Would have been',
    show: ({ outcome }) => (
      <Badge
        tone={outcome === 'narrowed' ? 'warn' : 'danger'}
        icon={outcome === 'narrowed' ? TriangleAlert : Minus}
      >
        {OUTCOMES[outcome]}
      </Badge>
    ),
  },
  {
    name: 'Last',
    wide: true,
    show: ({ last, address }) => (
      <>
        <Time at={last} />
        {address !== undefined && <div className="small soft">from {address}</div>}
      </>
    ),
  },
];

/** Which permissions clients would gain and lose, and which of their token requests would have been refused. */
export function PolicyEffects({ id, after }: { id: string; after: PolicyDraft }) {
  const { data, error } = useQuery<PolicyDifference, ApiError>({
    queryKey: ['difference', id, after],
    queryFn: () => differenceOf(id, after),
    staleTime: 0,
    gcTime: 0,
  });
  if (error !== null) return <ErrorNote error={error} />;
  if (data === undefined) return <Loading lines={3} />;
  const permissions = permissionRows(data);
  const requests = (data.replay?.groups ?? []).map((group, at): RequestRow => ({ ...group, id: String(at) }));
  return (
    <div className="stack tight">
      <Card flush title="What clients would gain and lose">
        <div className="card-note">
          <strong>{permissionsSentence(data)}</strong>
          {limitsOf(data).map((limit) => (
            <div key={limit} className="small soft">
              {limit}
            </div>
          ))}
        </div>
        {permissions.length > 0 && (
          <Table label="What clients would gain and lose" columns={PERMISSIONS} rows={permissions} />
        )}
        {(data.more_clients ?? 0) > 0 && (
          <div className="card-note small soft">{data.more_clients} more clients are not shown.</div>
        )}
      </Card>
      {data.replay !== undefined && (
        <Card flush title="What it would have refused">
          <div className="card-note">
            <strong>{replaySentence(data.replay)}</strong>
          </div>
          {requests.length > 0 && (
            <Table label="Requests that would get less" columns={REQUESTS} rows={requests} />
          )}
          {(data.replay.more_groups ?? 0) > 0 && (
            <div className="card-note small soft">{data.replay.more_groups} more are not shown.</div>
          )}
        </Card>
      )}
    </div>
  );
}

function permissionRows({ clients }: PolicyDifference): PermissionRow[] {
  return clients.flatMap(({ client, lost, gained }) =>
    [
      ...lost.map((item) => ({ ...item, isLost: true })),
      ...gained.map((item) => ({ ...item, isLost: false })),
    ].map((item) => ({
      ...item,
      client: client.id,
      id: `${client.id} ${item.scope} ${item.audience} ${item.isLost}`,
    })),
  );
}
