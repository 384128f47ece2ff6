import { searchPath } from '../../api/request.ts';
import { SelectField } from '../../ui/Field.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { SessionList } from '../sessions/SessionList.tsx';
import { ClientFrame } from './ClientFrame.tsx';

const PAGE_ROWS = 25;

export function SessionsTab() {
  const { filters, set, page } = useFilters();
  return (
    <ClientFrame>
      {({ client }) => (
        <div>
          <search className="filters">
            <SelectField
              label="State"
              value={filters.active ?? ''}
              options={{ '': 'Any', true: 'Live', false: 'Ended' }}
              onChange={(event) => set('active', event.target.value)}
            />
          </search>
          <SessionList
            ofOneClient
            page={page}
            path={searchPath('Session', {
              client: client.id,
              active: filters.active,
              _count: PAGE_ROWS,
              _after: page.after,
            })}
          />
        </div>
      )}
    </ClientFrame>
  );
}
