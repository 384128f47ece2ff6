import { useList } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { Page } from '../../ui/Page.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { SessionList } from './SessionList.tsx';

const PAGE_ROWS = 25;

export function SessionsPage() {
  const { filters, set, type, page } = useFilters();
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
      <search className="filters">
        <TextField
          label="Client id"
          defaultValue={client}
          placeholder="The whole id"
          onChange={(event) => type('client', event.target.value)}
        />
        <SelectField
          label="State"
          value={active ?? ''}
          options={{ '': 'Any', true: 'Live', false: 'Ended' }}
          onChange={(event) => set('active', event.target.value)}
        />
        <TextField
          label="Audience"
          defaultValue={audience}
          placeholder="The whole audience"
          onChange={(event) => type('audience', event.target.value)}
        />
        <TextField
          label="Started on or after"
          type="date"
          defaultValue={start}
          onChange={(event) => set('start', event.target.value)}
        />
      </search>
      <SessionList path={path} page={page} />
    </Page>
  );
}
