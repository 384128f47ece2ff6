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
const MAX_ROWS = 200;
const MAX_CONCURRENT = 4;

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
    queryFn: ({ signal }) => differences(id, after, ids, items, signal),
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
  return <Effects rows={data} asked={ids.length} left={left} />;
}

function Effects({ rows, asked, left }: { rows: Row[]; asked: number; left: number }) {
  return (
    <Card flush title="What clients would gain and lose">
      <div className="card-note">{summaryOf(rows, asked)}</div>
      {rows.length > 0 && (
        <Table label="What clients would gain and lose" columns={COLUMNS} rows={rows.slice(0, MAX_ROWS)} />
      )}
      {rows.length > MAX_ROWS && (
        <div className="card-note small soft">{rows.length - MAX_ROWS} more changes are not shown.</div>
      )}
      {left > 0 && (
        <div className="card-note small soft">
          {counted(left, 'more client')} of this policy {left === 1 ? 'was' : 'were'} not compared.
        </div>
      )}
    </Card>
  );
}

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${count === 1 ? noun : `${noun}s`}`;

function summaryOf(rows: Row[], asked: number): string {
  const of = (isGained: boolean) => rows.filter(({ granted }) => granted === isGained);
  const clients = (some: Row[]) => counted(new Set(some.map(({ client }) => client)).size, 'client');
  const parts = [['would lose', of(false)] as const, ['would gain', of(true)] as const].flatMap(
    ([verb, some]) =>
      some.length === 0 ? [] : [`${clients(some)} ${verb} ${counted(some.length, 'permission')}`],
  );
  return parts.length === 0
    ? `No permission of ${counted(asked, 'client')} changes.`
    : `${parts.join('; ')}.`;
}

/** Few at a time, so that other requests of the administrator are answered in between. */
async function differences(
  id: string,
  draft: PolicyDraft,
  clients: string[],
  items: string[],
  signal: AbortSignal,
): Promise<Row[]> {
  const waiting = [...clients.entries()];
  const rows: Row[][] = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, client] = next;
      const body = { client, scope: items.join(' '), policies: [{ ...draft, id }] };
      const question = { method: 'POST', body, signal } as const;
      const answer = await call<{ items: Explained[] }>('/AccessPolicy/$explain', question);
      rows[at] = answer.body.items
        .filter(({ granted, granted_now }) => granted !== granted_now)
        .map((item) => ({ ...item, client, id: `${client} ${item.scope}` }));
    }
  };
  await Promise.all(Array.from({ length: MAX_CONCURRENT }, work));
  return rows.flat();
}
