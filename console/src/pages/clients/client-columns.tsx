import { Link } from '@tanstack/react-router';
import type { ClientDocument } from '../../api/documents.ts';
import type { Column } from '../../ui/List.tsx';
import { Time } from '../../ui/Time.tsx';
import { ClientBadge } from './ClientBadge.tsx';
import { proofOf } from './client-state.ts';

export const CLIENT_COLUMNS: Column<ClientDocument>[] = [
  {
    name: 'Client',
    show: ({ id, name }) => (
      <>
        <Link className="row-link" to="/clients/$id" params={{ id }}>
          {name ?? id}
        </Link>
        {name !== undefined && <div className="small faint mono break">{id}</div>}
      </>
    ),
  },
  { name: 'State', show: (client) => <ClientBadge client={client} /> },
  {
    name: 'Owner and labels',
    wide: true,
    show: ({ owner, labels = {} }) => (
      <>
        {owner ?? (Object.keys(labels).length === 0 && <span className="faint">none</span>)}
        <div className="row">
          {Object.entries(labels).map(([key, value]) => (
            <span key={key} className="tag">
              {value === '' ? key : `${key}: ${value}`}
            </span>
          ))}
        </div>
      </>
    ),
  },
  { name: 'Proves itself by', wide: true, show: proofOf },
  {
    name: 'Last used',
    wide: true,
    show: ({ last_uses: [latest] = [] }) =>
      latest === undefined ? <span className="faint">never</span> : <Time at={latest.time} />,
  },
  {
    name: 'Expires',
    wide: true,
    show: ({ expires_at }) =>
      expires_at === undefined ? <span className="faint">never</span> : <Time at={expires_at} />,
  },
];

type Choose = (chosen: ReadonlySet<string>) => void;

/** A check box for each client of this page, and one for all of them. */
export function selectionColumn(
  rows: ClientDocument[],
  chosen: ReadonlySet<string>,
  choose: Choose,
): Column<ClientDocument> {
  const isAll = rows.length > 0 && rows.every(({ id }) => chosen.has(id));
  const toggle = (id: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    choose(next);
  };
  return {
    name: 'Select',
    head: (
      <input
        type="checkbox"
        aria-label="Select all clients of this page"
        checked={isAll}
        onChange={() => choose(isAll ? new Set() : new Set(rows.map(({ id }) => id)))}
      />
    ),
    show: ({ id }) => (
      <input
        className="row-check"
        type="checkbox"
        aria-label={`Select ${id}`}
        checked={chosen.has(id)}
        onChange={(event) => toggle(id, event.target.checked)}
      />
    ),
  };
}
