import { Link } from '@tanstack/react-router';
import { type AuditDocument, type Bundle, rowsOf } from '../../api/documents.ts';
import { useRead } from '../../api/queries.ts';
import { Note } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';

export const BREAKS = '/AuditEvent?action=audit.break&_count=1';

/** The server's own findings about the chain; the whole check is a separate command. */
export function ChainState() {
  const { data } = useRead<Bundle<AuditDocument>>(BREAKS);
  if (data === undefined) return null;
  const [broken] = rowsOf(data.body);
  return (
    <div className="stack">
      {broken === undefined ? (
        <Note tone="good" title="The server has noticed no break of the chain">
          <p>
            It watches the end of the chain. To verify every event, run <code>npm run audit:check</code>{' '}
            beside it.
          </p>
        </Note>
      ) : (
        <Note tone="danger" title="Events were changed by another writer">
          <p>
            Noticed <Time at={broken.date} full />. Keep a copy of the database, and run{' '}
            <code>npm run audit:check</code>: it lists each changed event.{' '}
            <Link to="/audit" search={{ action: 'audit.break' }}>
              Show all breaks
            </Link>
          </p>
        </Note>
      )}
      <span />
    </div>
  );
}
