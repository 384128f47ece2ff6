import { type Filter, Filters } from '../../ui/Filters.tsx';

/** All of them are parameters of the search at the server. */
const FILTERS: readonly Filter[] = [
  { name: 'text', label: 'Id or name', placeholder: 'A part of it' },
  { name: 'owner', label: 'Owner', placeholder: 'The whole owner' },
  { name: 'label', label: 'Label', placeholder: 'team or team:gifts' },
  { name: 'active', label: 'State', options: { '': 'Any', true: 'Active', false: 'Disabled' } },
  {
    name: 'method',
    label: 'Proves itself by',
    options: { '': 'Anything', secret: 'A secret', key: 'A key', federated: 'Another issuer' },
  },
  {
    name: 'unused',
    label: 'Not used for',
    options: { '': 'Any time', '30d': '30 days', '90d': '90 days', '365d': 'A year' },
  },
  { name: 'expires', label: 'Expires before', date: true },
];

export const ClientFilters = () => <Filters of={FILTERS} />;
