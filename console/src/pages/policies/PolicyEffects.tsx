import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Minus, Plus } from 'lucide-react';
import type { ApiError } from '../../api/api-error.ts';
import { type Bundle, type ResourceDocument, rowsOf } from '../../api/documents.ts';
import { useRead } from '../../api/queries.ts';
import { call } from '../../api/request.ts';
import { Badge } from '../../ui/Badge.tsx';
import { type Column, Table } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';
import { ErrorNote, Loading, Note } from '../../ui/State.tsx';
import { isOwnType } from '../resources/own-types.ts';
import { affectedClients, itemsOf } from './effects.ts';
import type { PolicyDraft } from './policy-draft.ts';

const MAX_RESOURCES = 200;

interface Explained {
  scope: string;
  granted: boolean;
  granted_now: boolean;
}

interface Row extends Explained {
  id: string;
  client: string;
}

const COLUMNS: Column<Row>[] = [
  {
    name: 'Client',
    show: ({ client }) => (
      <Link to="/clients/$id/permissions" params={{ id: client }}>
        {client}
      </Link>
    ),
  },
  { name: 'Permission', show: ({ scope }) => <code className="break">{scope}</code> },
  {
    name: 'Would be',
    show: ({ granted }) =>
      granted ? (
        <Badge tone="good" icon={Plus}>
          Gained
        </Badge>
      ) : (
        <Badge tone="danger" icon={Minus}>
          Lost
        </Badge>
      ),
  },
];

/** Which permissions clients would gain and lose, as `$explain` decides with the draft in place of the policy. */
export function PolicyEffects({
  id,
  before,
  after,
}: {
  id: string;
  before: PolicyDraft;
  after: PolicyDraft;
}) {
  const resources = useRead<Bundle<ResourceDocument>>(`/Resource?_count=${MAX_RESOURCES}`);
  const known = resources.data === undefined ? undefined : rowsOf(resources.data.body);
  const { ids, left } = affectedClients(before, after);
  const items = itemsOf(
    (known ?? []).filter((resource) => !isOwnType(resource.id)),
    before,
    after,
  );
  const { data, error } = useQuery<Row[], ApiError>({
    queryKey: ['effects', id, ids, items, after],
    queryFn: () => differences(id, after, ids, items),
    enabled: known !== undefined && ids.length > 0 && items.length > 0,
    staleTime: 0,
    gcTime: 0,
  });
  if (ids.length === 0) {
    return (
      <Note title="The policy names no client">
        What it changes for one of them is on the page of its permissions, once it is saved.
      </Note>
    );
  }
  if (error !== null) return <ErrorNote error={error} />;
  if (known !== undefined && items.length === 0) return <Note title="No permission on a resource changes" />;
  if (data === undefined) return <Loading lines={3} />;
  return (
    <Card flush title="What clients would gain and lose">
      {data.length === 0 ? (
        <div className="card-note">No permission of {ids.join(', ')} changes.</div>
      ) : (
        <Table label="What clients would gain and lose" columns={COLUMNS} rows={data} />
      )}
      {left > 0 && <div className="card-note small soft">{left} more clients are not shown.</div>}
    </Card>
  );
}

async function differences(
  id: string,
  draft: PolicyDraft,
  clients: string[],
  items: string[],
): Promise<Row[]> {
  const answers = await Promise.all(
    clients.map(async (client) => {
      const body = { client, scope: items.join(' '), policies: [{ ...draft, id }] };
      const answer = await call<{ items: Explained[] }>('/AccessPolicy/$explain', { method: 'POST', body });
      return answer.body.items.map((item): Row => ({ ...item, client, id: `${client} ${item.scope}` }));
    }),
  );
  return answers.flat().filter(({ granted, granted_now }) => granted !== granted_now);
}
