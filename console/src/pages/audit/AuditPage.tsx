import { useList } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { SelectField, TextField } from '../../ui/Field.tsx';
import { Page } from '../../ui/Page.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { AuditList } from './AuditList.tsx';
import { ACTIONS } from './actions.ts';
import { ChainState } from './ChainState.tsx';

const PAGE_ROWS = 25;

export function AuditPage() {
  const { filters, set, type, page } = useFilters();
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
      <search className="filters">
        <TextField
          label="Client id"
          defaultValue={client}
          placeholder="Acting or affected"
          onChange={(event) => type('client', event.target.value)}
        />
        <SelectField
          label="Action"
          value={action ?? ''}
          options={{ '': 'Any', ...Object.fromEntries(ACTIONS.map((name) => [name, name])) }}
          onChange={(event) => set('action', event.target.value)}
        />
        <SelectField
          label="Outcome"
          value={outcome ?? ''}
          options={{ '': 'Any', success: 'Success', failure: 'Refused' }}
          onChange={(event) => set('outcome', event.target.value)}
        />
        <TextField
          label="On or after"
          type="date"
          defaultValue={since}
          onChange={(event) => set('since', event.target.value)}
        />
      </search>
      <AuditList path={path} page={page} />
    </Page>
  );
}
