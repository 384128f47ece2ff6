import { searchPath } from '../../api/request.ts';
import { SelectField } from '../../ui/Field.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { AuditList } from '../audit/AuditList.tsx';
import { ClientFrame } from './ClientFrame.tsx';

const PAGE_ROWS = 25;

/** Events caused by the client or about it, refusals included. */
export function ActivityTab() {
  const { filters, set, page } = useFilters();
  return (
    <ClientFrame>
      {({ client }) => (
        <div>
          <search className="filters">
            <SelectField
              label="Outcome"
              value={filters.outcome ?? ''}
              options={{ '': 'Any', success: 'Success', failure: 'Refusals' }}
              onChange={(event) => set('outcome', event.target.value)}
            />
          </search>
          <AuditList
            page={page}
            path={searchPath('AuditEvent', {
              client: client.id,
              outcome: filters.outcome,
              _count: PAGE_ROWS,
              _after: page.after,
            })}
          />
        </div>
      )}
    </ClientFrame>
  );
}
