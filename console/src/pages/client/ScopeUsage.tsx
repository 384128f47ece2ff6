import { Gauge } from 'lucide-react';
import { useRead } from '../../api/queries.ts';
import { documentPath } from '../../api/request.ts';
import { Badge } from '../../ui/Badge.tsx';
import { type Column, Table } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';
import { Empty, Note, Read } from '../../ui/State.tsx';
import { absoluteTime, Time } from '../../ui/Time.tsx';
import { NarrowingPatch, type Suggestion } from './NarrowingPatch.tsx';

const DAYS = 90;
const MAX_ROWS = 100;

interface UsedItem {
  item: string;
  folded?: boolean;
  granted?: boolean;
  verified: number;
  introspected: number;
  last_used: string;
}

interface Scopes {
  watched_since: string;
  granted: string[];
  used: UsedItem[];
  unused?: string[];
  conclusive_from?: string;
  suggestion?: Suggestion[];
}

/** What the client is granted, which of it was used, and how its policies would grant no more than that. */
export function ScopeUsage({ clientId }: { clientId: string }) {
  const query = useRead<{ scopes?: Scopes }>(`${documentPath('Client', clientId)}/$usage?days=${DAYS}`);
  return (
    <Read query={query}>
      {({ scopes }) => (scopes === undefined ? null : <Comparison scopes={scopes} />)}
    </Read>
  );
}

function Comparison({ scopes }: { scopes: Scopes }) {
  const { granted, used, unused = [], conclusive_from, suggestion = [], watched_since } = scopes;
  const rows: Row[] = [
    ...used.map((use) => ({ ...use, id: `${use.item} ${use.folded === true}` })),
    ...unused.map((item) => ({ id: item, item })),
  ];
  return (
    <div className="stack">
      <Card title="Granted and used" flush>
        {rows.length === 0 ? (
          <Empty icon={Gauge} title={granted.length === 0 ? 'Nothing is granted' : 'Nothing was used yet'}>
            {granted.length === 0
              ? 'A policy says what the client may do. What it uses of that is shown here.'
              : `Watched since ${absoluteTime(watched_since)}: /auth/verify, AuthZEN and introspection saw none of its permissions.`}
          </Empty>
        ) : (
          <Table label="Granted and used" columns={COLUMNS} rows={rows.slice(0, MAX_ROWS)} />
        )}
      </Card>
      {rows.length > MAX_ROWS && <Note title={`The first ${MAX_ROWS} of ${rows.length} items are shown`} />}
      {conclusive_from !== undefined && (
        <Note title="Too early to call anything unused">
          Uses are watched since {absoluteTime(watched_since)}. After {DAYS} days, on{' '}
          {absoluteTime(conclusive_from)}, this shows what can go.
        </Note>
      )}
      {suggestion.map((one) => (
        <NarrowingPatch key={one.policy} suggestion={one} />
      ))}
      <p className="small soft">
        APIs that verify JWTs themselves are not seen here: ask their owners before you take anything away.
      </p>
    </div>
  );
}

type Row = Partial<UsedItem> & { id: string; item: string };

const COLUMNS: Column<Row>[] = [
  {
    name: 'Permission',
    show: ({ item, folded }) => (
      <>
        <code className="break">{item}</code>
        {folded === true && <div className="small faint">several, recorded as one</div>}
      </>
    ),
  },
  { name: `In ${DAYS} days`, show: (row) => <State row={row} /> },
  { name: 'Last used', show: ({ last_used }) => last_used !== undefined && <Time at={last_used} /> },
  { name: 'Verified', wide: true, show: ({ verified }) => verified?.toLocaleString('en') },
  { name: 'Introspected', wide: true, show: ({ introspected }) => introspected?.toLocaleString('en') },
];

function State({ row: { last_used, granted } }: { row: Row }) {
  if (last_used === undefined) return <Badge tone="warn">Unused</Badge>;
  return granted === false ? (
    <Badge tone="neutral">Used, not granted now</Badge>
  ) : (
    <Badge tone="good">Used</Badge>
  );
}
