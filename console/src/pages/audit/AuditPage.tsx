import { useList } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { type Filter, Filters } from '../../ui/Filters.tsx';
import { Page } from '../../ui/Page.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { AuditList } from './AuditList.tsx';
import { ACTIONS } from './actions.ts';
import { ChainState } from './ChainState.tsx';

const PAGE_ROWS = 25;

const FILTERS: readonly Filter[] = [
  { name: 'client', label: 'Client id', placeholder: 'Acting or affected' },
  {
    name: 'action',
    label: 'Action',
    options: { '': 'Any', ...Object.fromEntries(ACTIONS.map((name) => [name, name])) },
  },
  { name: 'outcome', label: 'Outcome', options: { '': 'Any', success: 'Success', failure: 'Refused' } },
  { name: 'since', label: 'On or after', date: true },
];

export function AuditPage() {
  const { filters, page } = useFilters();
  const { client, action, outcome, since, after } = filters;
  const path = searchPath('AuditEvent', {
    client,
    action,
    outcome,
    date: since === undefined ? undefined : `ge${since}`,
    _count: PAGE_ROWS,
    _after: after,
  });
  const { data } = useList(path);
  return (
    <Page
      title="Audit trail"
      about="What was refused, closed, issued and changed, and by which client, in a chain of hashes."
      actions={<AsApi path={path} body={data?.body} />}
    >
      <ChainState />
      <Filters of={FILTERS} />
      <AuditList path={path} page={page} />
    </Page>
  );
}
