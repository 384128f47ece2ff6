import { Link } from '@tanstack/react-router';
import { BookLock, Lock, Plus } from 'lucide-react';
import type { ResourceDocument } from '../../api/documents.ts';
import type { Need } from '../../api/permissions.ts';
import { useList } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { type Filter, Filters } from '../../ui/Filters.tsx';
import { GuardedLink } from '../../ui/Guarded.tsx';
import { type Column, List } from '../../ui/List.tsx';
import { Page } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { isOwnType } from './own-types.ts';

const PAGE_ROWS = 25;
const CREATE: Need = { type: 'Resource', operation: 'create' };

const COLUMNS: Column<ResourceDocument>[] = [
  {
    name: 'Resource',
    show: ({ id, name }) => (
      <>
        <Link className="row-link" to="/resources/$id" params={{ id }}>
          {name ?? id}
        </Link>
        {name !== undefined && name !== id && <div className="small faint mono break">{id}</div>}
      </>
    ),
  },
  {
    name: 'Audience',
    show: ({ id, audience, uri }) =>
      isOwnType(id) ? (
        <Badge tone="neutral" icon={Lock}>
          Built in
        </Badge>
      ) : (
        <span className="mono break">{audience ?? uri}</span>
      ),
  },
  {
    name: 'Operations',
    wide: true,
    show: ({ operations = [] }) => (
      <span className="row">
        {operations.slice(0, 6).map(({ name }) => (
          <span key={name} className="tag">
            {name}
          </span>
        ))}
        {operations.length > 6 && <span className="small faint">and {operations.length - 6} more</span>}
      </span>
    ),
  },
  { name: 'Changed', wide: true, show: ({ meta }) => <Time at={meta.lastUpdated} /> },
];

const FILTERS: readonly Filter[] = [
  { name: 'name', label: 'Name', placeholder: 'A part of it' },
  { name: 'audience', label: 'Audience', placeholder: 'The whole audience' },
];

export function ResourcesPage() {
  const { filters, page, isFiltered } = useFilters();
  const { name, audience, after } = filters;
  const path = searchPath('Resource', { name, audience, _count: PAGE_ROWS, _after: after });
  const { data } = useList<ResourceDocument>(path);
  return (
    <Page
      title="Resources"
      about="The APIs that accept tokens of this server, and what can be done with them."
      actions={
        <>
          <AsApi path={path} body={data?.body} />
          <GuardedLink look="primary" to="/resources/new" needs={CREATE}>
            <Plus size={16} aria-hidden /> New resource
          </GuardedLink>
        </>
      }
    >
      <Filters of={FILTERS} />
      <List
        path={path}
        label="Resources"
        columns={COLUMNS}
        page={page}
        empty={isFiltered ? NO_MATCH : NONE}
      />
    </Page>
  );
}

const NO_MATCH = <Empty icon={BookLock} title="No resource matches" />;

const NONE = (
  <Empty
    icon={BookLock}
    title="No resources yet"
    actions={
      <GuardedLink look="primary" to="/resources/new" needs={CREATE}>
        New resource
      </GuardedLink>
    }
  >
    Register an API with its audience and its operations.
  </Empty>
);
