import { Link } from '@tanstack/react-router';
import type { Column } from '../../ui/List.tsx';

/** The client that a row is about. */
export const CLIENT_COLUMN: Column<{ id: string; client: { id: string } }> = {
  name: 'Client',
  show: ({ client: { id } }) => (
    <Link className="row-link" to="/clients/$id" params={{ id }}>
      {id}
    </Link>
  ),
};
