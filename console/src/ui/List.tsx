import type { ReactNode } from 'react';
import { type Bundle, nextOf, rowsOf } from '../api/documents.ts';
import { useList } from '../api/queries.ts';
import { Button } from './Button.tsx';
import { Card } from './Page.tsx';
import { ErrorNote, Loading } from './State.tsx';

export interface Column<T> {
  name: string;
  /** In place of the name, such as a check box for all rows. */
  head?: ReactNode;
  /** Left out on narrow screens. */
  wide?: boolean;
  show: (row: T) => ReactNode;
}

export function Table<T extends { id: string }>({
  label,
  columns,
  rows,
}: {
  label: string;
  columns: Column<T>[];
  rows: T[];
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section className="scroll" tabIndex={0} aria-label={label}>
      <table className="table">
        <thead>
          <tr>
            {columns.map(({ name, head, wide }) => (
              <th key={name} scope="col" className={wide === true ? 'wide-only' : undefined}>
                {head ?? name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {columns.map(({ name, wide, show }) => (
                <td key={name} className={wide === true ? 'wide-only' : undefined}>
                  {show(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Where in a list a page begins, and how to go elsewhere; the address bar holds it. */
export interface Paging {
  after: string | undefined;
  go: (after: string | undefined) => void;
}

/** One page of a search at the server, however many rows there are in all. */
export function List<T extends { id: string }>({
  path,
  label,
  columns,
  empty,
  page,
}: {
  path: string;
  label: string;
  columns: Column<T>[];
  empty: ReactNode;
  page: Paging;
}) {
  const query = useList<T>(path);
  const { data, error, isPlaceholderData } = query;
  if (data === undefined) {
    return (
      <Card>
        {error === null ? <Loading /> : <ErrorNote error={error} retry={() => void query.refetch()} />}
      </Card>
    );
  }
  const rows = rowsOf(data.body);
  return (
    <div aria-busy={isPlaceholderData}>
      {error !== null && (
        <div className="stack">
          <ErrorNote error={error} retry={() => void query.refetch()} />
          <span />
        </div>
      )}
      <Card flush>{rows.length === 0 ? empty : <Table label={label} columns={columns} rows={rows} />}</Card>
      <Pager bundle={data.body} shown={rows.length} page={page} />
    </div>
  );
}

function Pager({ bundle, shown, page }: { bundle: Bundle<unknown>; shown: number; page: Paging }) {
  const next = nextOf(bundle);
  return (
    <div className="pager">
      <span className="small soft" role="status">
        {countOf(bundle, shown)}
      </span>
      <span className="row">
        {page.after !== undefined && (
          <Button size="small" onClick={() => page.go(undefined)}>
            First page
          </Button>
        )}
        {next !== undefined && (
          <Button size="small" onClick={() => page.go(next)}>
            Next page
          </Button>
        )}
      </span>
    </div>
  );
}

function countOf({ total }: Bundle<unknown>, shown: number): string {
  if (total === undefined) return `${shown} shown, more than 10,000 in all`;
  return shown === total ? `${total} in all` : `${shown} of ${total.toLocaleString('en')}`;
}
