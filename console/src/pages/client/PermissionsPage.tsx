import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import type { Bundle, PolicyDocument, ResourceDocument } from '../../api/documents.ts';
import { rowsOf } from '../../api/documents.ts';
import { useQuestion, useRead } from '../../api/queries.ts';
import { Badge } from '../../ui/Badge.tsx';
import { ButtonLink } from '../../ui/Button.tsx';
import { type Column, Table } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';
import { Empty, Note, Read } from '../../ui/State.tsx';
import { ClientFrame } from './ClientFrame.tsx';
import { REASONS } from './reasons.ts';

const MAX_ITEMS = 2_000;
const MAX_ROWS = 1_000;

interface Explained {
  scope: string;
  granted: boolean;
  reason: string;
  policy?: string;
  rule?: number;
}

export function PermissionsPage() {
  return <ClientFrame>{({ client }) => <Permissions clientId={client.id} />}</ClientFrame>;
}

/** Every operation on everything, and on each object that a policy of this client names, with the deciding rule. */
function Permissions({ clientId }: { clientId: string }) {
  const resources = useRead<Bundle<ResourceDocument>>(`/Resource?_count=${MAX_ROWS}`);
  const policies = useRead<Bundle<PolicyDocument>>(
    `/AccessPolicy?client=${encodeURIComponent(clientId)}&_count=${MAX_ROWS}`,
  );
  const known = resources.data !== undefined && policies.data !== undefined;
  const items = known ? itemsOf(rowsOf(resources.data.body), rowsOf(policies.data.body)) : [];
  const answer = useQuestion<{ items: Explained[] }>(
    '/AccessPolicy/$explain',
    { client: clientId, scope: items.slice(0, MAX_ITEMS).join(' ') },
    items.length > 0,
  );
  if (resources.data === undefined) return <Read query={resources}>{() => null}</Read>;
  if (policies.data === undefined) return <Read query={policies}>{() => null}</Read>;
  if (items.length === 0) return <Card flush>{NO_RESOURCES}</Card>;
  return (
    <div className="stack">
      {items.length > MAX_ITEMS && (
        <Note tone="warn" title={`Only the first ${MAX_ITEMS} of ${items.length} items are shown`} />
      )}
      <Read query={answer}>
        {({ items: explained }) => (
          <Card flush>
            <Table
              label="Effective permissions"
              columns={COLUMNS}
              rows={explained.map((item) => ({ ...item, id: item.scope }))}
            />
          </Card>
        )}
      </Read>
    </div>
  );
}

/** The server's own types have no audience; what they permit is administration, not scope of a token. */
function itemsOf(resources: ResourceDocument[], policies: PolicyDocument[]): string[] {
  const rules = policies.flatMap((policy) => policy.rules ?? []);
  return resources
    .filter(({ audience, uri }) => audience !== undefined || uri !== undefined)
    .flatMap(({ id, operations = [] }) => {
      const named = rules
        .filter((rule) => rule.resource === id || rule.resource === '*')
        .map((rule) => rule.identifier);
      const identifiers = new Set(['*', ...named]);
      return [...identifiers].flatMap((identifier) =>
        operations.map(({ name }) => `${id}:${identifier}:${name}`),
      );
    });
}

type Row = Explained & { id: string };

const COLUMNS: Column<Row>[] = [
  { name: 'Permission', show: ({ scope }) => <code className="break">{scope}</code> },
  {
    name: 'Decision',
    show: ({ granted }) =>
      granted ? <Badge tone="good">Granted</Badge> : <Badge tone="neutral">Not granted</Badge>,
  },
  { name: 'Why', show: (row) => <Why row={row} /> },
];

function Why({ row: { reason, policy, rule } }: { row: Row }) {
  return (
    <>
      <div>{REASONS[reason] ?? reason}</div>
      {policy !== undefined && (
        <div className="small faint">
          by{' '}
          <Link to="/policies/$id" params={{ id: policy }}>
            {policy}
          </Link>
          {rule !== undefined && `, rule ${rule + 1}`}
        </div>
      )}
    </>
  );
}

const NO_RESOURCES = (
  <Empty
    icon={ShieldCheck}
    title="Nothing to permit yet"
    actions={<ButtonLink to="/resources">Go to resources</ButtonLink>}
  >
    Register a resource with its operations first. Policies then say which client may do what.
  </Empty>
);
