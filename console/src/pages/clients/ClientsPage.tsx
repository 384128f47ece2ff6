import { Plus, Users } from 'lucide-react';
import { useState } from 'react';
import { type Bundle, type ClientDocument, rowsOf } from '../../api/documents.ts';
import type { Need } from '../../api/permissions.ts';
import { useList, useRead } from '../../api/queries.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { GuardedLink } from '../../ui/Guarded.tsx';
import { List } from '../../ui/List.tsx';
import { Page } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { BulkDisable } from './BulkDisable.tsx';
import { ClientFilters } from './ClientFilters.tsx';
import { CLIENT_COLUMNS, selectionColumn } from './client-columns.tsx';
import { matchingPath, pagePath } from './client-search.ts';
import { SelectMatching } from './SelectMatching.tsx';

const CREATE: Need = { type: 'Client', operation: 'create' };

/** Clients of the page that is shown, or all that the search finds. */
function useSelection(rows: ClientDocument[], matching: string) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  /** The search of which all were selected: another one begins with none. */
  const [all, setAll] = useState<string>();
  const isAll = all === matching;
  const found = useRead<Bundle<ClientDocument>>(matching, { enabled: isAll });
  const isSelected = isAll && found.data !== undefined;
  const choose = (next: ReadonlySet<string>) => {
    setAll(undefined);
    setChosen(next);
  };
  return {
    chosen,
    choose,
    found,
    isSelected,
    selectAll: () => setAll(matching),
    // What is not shown any more is not changed.
    selected: isSelected ? rowsOf(found.data.body) : rows.filter(({ id }) => chosen.has(id)),
  };
}

export function ClientsPage() {
  const { filters, isFiltered, page } = useFilters();
  const path = pagePath(filters);
  const { data } = useList<ClientDocument>(path);
  const rows = rowsOf(data?.body ?? { link: [] });
  const { chosen, choose, found, isSelected, selectAll, selected } = useSelection(
    rows,
    matchingPath(filters),
  );
  const total = data?.body.total;
  const hasMore = selected.length === rows.length && total !== rows.length;
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
      <BulkDisable selected={selected} clear={() => choose(new Set())}>
        {hasMore && !isSelected && <SelectMatching total={total} loading={found} select={selectAll} />}
      </BulkDisable>
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
