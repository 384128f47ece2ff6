import { SelectField, TextField } from '../../ui/Field.tsx';
import { useFilters } from '../../ui/use-search.ts';

/** All of them are parameters of the search at the server. */
export function ClientFilters() {
  const { filters, set, type } = useFilters();
  return (
    <search className="filters">
      <TextField
        label="Id or name"
        defaultValue={filters.text}
        placeholder="A part of it"
        onChange={(event) => type('text', event.target.value)}
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
        label="Proves itself by"
        value={filters.method ?? ''}
        options={{ '': 'Anything', secret: 'A secret', key: 'A key', federated: 'Another issuer' }}
        onChange={(event) => set('method', event.target.value)}
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
