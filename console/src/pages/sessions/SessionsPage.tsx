import { useList } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { type Filter, Filters } from '../../ui/Filters.tsx';
import { Page } from '../../ui/Page.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { SessionList } from './SessionList.tsx';

const PAGE_ROWS = 25;

const FILTERS: readonly Filter[] = [
  { name: 'client', label: 'Client id', placeholder: 'The whole id' },
  { name: 'active', label: 'State', options: { '': 'Any', true: 'Live', false: 'Ended' } },
  { name: 'audience', label: 'Audience', placeholder: 'The whole audience' },
  { name: 'start', label: 'Started on or after', date: true },
];

export function SessionsPage() {
  const { filters, page } = useFilters();
  const { client, active, audience, start, after } = filters;
  const path = searchPath('Session', {
    client,
    active,
    audience,
    start: start === undefined ? undefined : `ge${start}`,
    _count: PAGE_ROWS,
    _after: after,
  });
  const { data } = useList(path);
  return (
    <Page
      title="Sessions"
      about="Every token that was issued, newest first. Closing its session ends a token."
      actions={<AsApi path={path} body={data?.body} />}
    >
      <Filters of={FILTERS} />
      <SessionList path={path} page={page} />
    </Page>
  );
}
