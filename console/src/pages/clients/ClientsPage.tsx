import { Plus, Users } from 'lucide-react';
import { useState } from 'react';
import { type ClientDocument, rowsOf } from '../../api/documents.ts';
import type { Need } from '../../api/permissions.ts';
import { useList } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { GuardedLink } from '../../ui/Guarded.tsx';
import { List } from '../../ui/List.tsx';
import { Page } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { BulkDisable } from './BulkDisable.tsx';
import { ClientFilters } from './ClientFilters.tsx';
import { CLIENT_COLUMNS, selectionColumn } from './client-columns.tsx';

const PAGE_ROWS = 25;
const CREATE: Need = { type: 'Client', operation: 'create' };

export function ClientsPage() {
  const { filters, isFiltered, page } = useFilters();
  const { text, owner, label, active, method, unused, expires, after } = filters;
  const path = searchPath('Client', {
    text,
    owner,
    label,
    active,
    method,
    unused,
    expires: expires === undefined ? undefined : `le${expires}`,
    _count: PAGE_ROWS,
    _after: after,
  });
  const { data } = useList<ClientDocument>(path);
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const rows = rowsOf(data?.body ?? { link: [] });
  // Clients that are no longer shown are not changed.
  const selected = rows.filter(({ id }) => chosen.has(id));
  return (
    <Page
      title="Clients"
      about="The machines that get tokens from this server."
      actions={
        <>
          <AsApi path={path} body={data?.body} />
          <GuardedLink look="primary" to="/clients/new" needs={CREATE}>
            <Plus size={16} aria-hidden /> New client
          </GuardedLink>
        </>
      }
    >
      <ClientFilters />
      <BulkDisable selected={selected} clear={() => choose(new Set())} />
      <List
        path={path}
        label="Clients"
        columns={[selectionColumn(rows, chosen, choose), ...CLIENT_COLUMNS]}
        page={page}
        empty={isFiltered ? NO_MATCH : NONE}
      />
    </Page>
  );
}

const NO_MATCH = (
  <Empty icon={Users} title="No client matches">
    Owner and label are compared as a whole; id and name may be a part, in any case.
  </Empty>
);

const NONE = (
  <Empty
    icon={Users}
    title="No clients yet"
    actions={
      <GuardedLink look="primary" to="/clients/new" needs={CREATE}>
        New client
      </GuardedLink>
    }
  >
    A client is a machine with credentials of its own. Create one, and copy the command that gets its first
    token.
  </Empty>
);
