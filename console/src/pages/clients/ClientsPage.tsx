import { Link } from '@tanstack/react-router';
import { Plus, Users } from 'lucide-react';
import type { ClientDocument } from '../../api/documents.ts';
import { useList } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { ButtonLink } from '../../ui/Button.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { type Column, List } from '../../ui/List.tsx';
import { Page } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { ClientBadge } from './ClientBadge.tsx';
import { proofOf } from './client-state.ts';

const PAGE_ROWS = 25;

const COLUMNS: Column<ClientDocument>[] = [
  {
    name: 'Client',
    show: ({ id, name }) => (
      <>
        <Link className="row-link" to="/clients/$id" params={{ id }}>
          {name ?? id}
        </Link>
        {name !== undefined && <div className="small faint mono break">{id}</div>}
      </>
    ),
  },
  { name: 'State', show: (client) => <ClientBadge client={client} /> },
  { name: 'Owner', wide: true, show: ({ owner }) => owner ?? <span className="faint">none</span> },
  {
    name: 'Labels',
    wide: true,
    show: ({ labels = {} }) => (
      <span className="row">
        {Object.entries(labels).map(([key, value]) => (
          <span key={key} className="tag">
            {value === '' ? key : `${key}: ${value}`}
          </span>
        ))}
      </span>
    ),
  },
  { name: 'Proves itself by', wide: true, show: proofOf },
  { name: 'Changed', wide: true, show: ({ meta }) => <Time at={meta.lastUpdated} /> },
];

export function ClientsPage() {
  const { filters, isFiltered, page } = useFilters();
  const { name, owner, label, active, unused, expires, after } = filters;
  const path = searchPath('Client', {
    name,
    owner,
    label,
    active,
    unused,
    expires: expires === undefined ? undefined : `le${expires}`,
    _count: PAGE_ROWS,
    _after: after,
  });
  const { data } = useList<ClientDocument>(path);
  return (
    <Page
      title="Clients"
      about="The machines that get tokens from this server."
      actions={
        <>
          <AsApi path={path} body={data?.body} />
          <ButtonLink look="primary" to="/clients/new">
            <Plus size={16} aria-hidden /> New client
          </ButtonLink>
        </>
      }
    >
      <Filters />
      <List path={path} label="Clients" columns={COLUMNS} page={page} empty={isFiltered ? NO_MATCH : NONE} />
    </Page>
  );
}

function Filters() {
  const { filters, set, type } = useFilters();
  return (
    <search className="filters">
      <TextField
        label="Name"
        defaultValue={filters.name}
        placeholder="A part of it"
        onChange={(event) => type('name', event.target.value)}
      />
      <TextField
        label="Owner"
        defaultValue={filters.owner}
        placeholder="The whole owner"
        onChange={(event) => type('owner', event.target.value)}
      />
      <TextField
        label="Label"
        defaultValue={filters.label}
        placeholder="team or team:gifts"
        onChange={(event) => type('label', event.target.value)}
      />
      <SelectField
        label="State"
        value={filters.active ?? ''}
        options={{ '': 'Any', true: 'Active', false: 'Disabled' }}
        onChange={(event) => set('active', event.target.value)}
      />
      <SelectField
        label="Not used for"
        value={filters.unused ?? ''}
        options={{ '': 'Any time', '30d': '30 days', '90d': '90 days', '365d': 'A year' }}
        onChange={(event) => set('unused', event.target.value)}
      />
      <TextField
        label="Expires before"
        type="date"
        defaultValue={filters.expires}
        onChange={(event) => set('expires', event.target.value)}
      />
    </search>
  );
}

const NO_MATCH = (
  <Empty icon={Users} title="No client matches">
    Owner and label are compared as a whole; the name may be a part, in any case.
  </Empty>
);

const NONE = (
  <Empty
    icon={Users}
    title="No clients yet"
    actions={
      <ButtonLink look="primary" to="/clients/new">
        New client
      </ButtonLink>
    }
  >
    A client is a machine with credentials of its own. Create one, and copy the command that gets its first
    token.
  </Empty>
);
