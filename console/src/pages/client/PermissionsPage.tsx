import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import type { Bundle, PolicyDocument, ResourceDocument } from '../../api/documents.ts';
import { rowsOf } from '../../api/documents.ts';
import { useQuestion, useRead } from '../../api/queries.ts';
import { Badge } from '../../ui/Badge.tsx';
import { ButtonLink } from '../../ui/Button.tsx';
import { type Column, Table } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';
import { Empty, Note, Read } from '../../ui/State.tsx';
import { isOwnType } from '../resources/own-types.ts';
import { ClientFrame } from './ClientFrame.tsx';
import { REASONS } from './reasons.ts';

const MAX_ITEMS = 2_000;
const MAX_ROWS = 1_000;
const MAX_NAMED = 5;

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
      <BareNames names={bareNames(rowsOf(resources.data.body))} />
    </div>
  );
}

/** The server's own types permit administration, which is not the scope of a token. */
function itemsOf(resources: ResourceDocument[], policies: PolicyDocument[]): string[] {
  const rules = policies.flatMap((policy) => policy.rules ?? []);
  return resources
    .filter(({ id }) => !isOwnType(id))
    .flatMap(({ id, operations = [] }) => {
      const named = rules
        .filter((rule) => rule.resource === id || rule.resource === '*')
        .map((rule) => rule.identifier);
      const identifiers = new Set(['*', ...named]);
      return [...identifiers].flatMap((identifier) =>
        operations.filter(isItem).map(({ name }) => `${id}:${identifier}:${name}`),
      );
    });
}

/** An operation with a colon is requested by its name alone, within one audience. */
const isItem = ({ name }: { name: string }): boolean => !name.includes(':');

const bareNames = (resources: ResourceDocument[]): string[] =>
  resources.flatMap(({ operations = [] }) =>
    operations.filter((operation) => !isItem(operation)).map(({ name }) => name),
  );

function BareNames({ names }: { names: string[] }) {
  if (names.length === 0) return null;
  return (
    <p className="small soft">
      Not shown: {names.slice(0, MAX_NAMED).join(', ')}
      {names.length > MAX_NAMED && ` and ${names.length - MAX_NAMED} more`}. Operations with a colon are
      requested by name, within one audience: <Link to="/try">explain them there</Link>.
    </p>
  );
}

type Row = Explained & { id: string };

/** On a narrow screen, lines end after a colon. */
const withBreaks = (scope: string): ReactNode[] =>
  scope.split(/(?<=:)/).map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text keep their places.
    <Fragment key={at}>
      {part}
      <wbr />
    </Fragment>
  ));

const COLUMNS: Column<Row>[] = [
  { name: 'Permission', show: ({ scope }) => <code>{withBreaks(scope)}</code> },
  {
    name: 'Decision',
    show: (row) => (
      <>
        {row.granted ? <Badge tone="good">Granted</Badge> : <Badge tone="neutral">Not granted</Badge>}
        <div className="narrow-only small">
          <Why row={row} />
        </div>
      </>
    ),
  },
  { name: 'Why', wide: true, show: (row) => <Why row={row} /> },
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
