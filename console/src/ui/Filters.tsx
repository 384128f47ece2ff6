import { SelectField, TextField } from './Field.tsx';
import { useFilters } from './use-search.ts';

/** A parameter of the page's address: typed text, a choice, where '' means any, or a date. */
export interface Filter {
  name: string;
  label: string;
  placeholder?: string;
  options?: Record<string, string>;
  date?: true;
}

/** The filters of a search; their values are in the address. */
export function Filters({ of }: { of: readonly Filter[] }) {
  const { filters, set, type } = useFilters();
  return (
    <search className="filters">
      {of.map(({ name, label, placeholder, options, date }) =>
        options ? (
          <SelectField
            key={name}
            label={label}
            value={filters[name] ?? ''}
            options={options}
            onChange={(event) => set(name, event.target.value)}
          />
        ) : (
          <TextField
            key={name}
            label={label}
            type={date ? 'date' : 'text'}
            defaultValue={filters[name]}
            placeholder={placeholder}
            onChange={(event) => (date ? set : type)(name, event.target.value)}
          />
        ),
      )}
    </search>
  );
}
