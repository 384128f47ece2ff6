import { Link } from '@tanstack/react-router';
import { Plus, ShieldCheck } from 'lucide-react';
import type { PolicyDocument } from '../../api/documents.ts';
import type { Need } from '../../api/permissions.ts';
import { useList } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { type Filter, Filters } from '../../ui/Filters.tsx';
import { GuardedLink } from '../../ui/Guarded.tsx';
import { type Column, List } from '../../ui/List.tsx';
import { Page } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { PolicyReach, summaryOf } from './PolicyReach.tsx';

const PAGE_ROWS = 25;
const CREATE: Need = { type: 'AccessPolicy', operation: 'create' };

const COLUMNS: Column<PolicyDocument>[] = [
  {
    name: 'Policy',
    show: ({ id, description }) => (
      <>
        <Link className="row-link" to="/policies/$id" params={{ id }}>
          {id}
        </Link>
        {description !== undefined && <div className="small faint break">{description}</div>}
      </>
    ),
  },
  { name: 'For', wide: true, show: (policy) => <PolicyReach policy={policy} max={3} /> },
  { name: 'Gives', show: (policy) => <span className="soft">{summaryOf(policy)}</span> },
  { name: 'Changed', wide: true, show: ({ meta }) => <Time at={meta.lastUpdated} /> },
];

const FILTERS: readonly Filter[] = [
  { name: 'client', label: 'Client id', placeholder: 'That it links' },
  { name: 'resource', label: 'Resource id', placeholder: 'With a rule on it' },
  { name: 'engine', label: 'Engine', options: { '': 'Any', rules: 'rules', allow: 'allow' } },
];

export function PoliciesPage() {
  const { filters, page, isFiltered } = useFilters();
  const { client, resource, engine, after } = filters;
  const path = searchPath('AccessPolicy', { client, resource, engine, _count: PAGE_ROWS, _after: after });
  const { data } = useList<PolicyDocument>(path);
  return (
    <Page
      title="Policies"
      about="Which client may do what on which resource. Nothing is granted without one."
      actions={
        <>
          <AsApi path={path} body={data?.body} />
          <GuardedLink look="primary" to="/policies/new" needs={CREATE}>
            <Plus size={16} aria-hidden /> New policy
          </GuardedLink>
        </>
      }
    >
      <Filters of={FILTERS} />
      <List path={path} label="Policies" columns={COLUMNS} page={page} empty={isFiltered ? NO_MATCH : NONE} />
    </Page>
  );
}

const NO_MATCH = (
  <Empty icon={ShieldCheck} title="No policy matches">
    Client and resource are compared as whole ids. Policies for everyone link no client.
  </Empty>
);

const NONE = <Empty icon={ShieldCheck} title="No policies" />;
