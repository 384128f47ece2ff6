import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ClientDocument } from '../../api/documents.ts';
import { useRead } from '../../api/queries.ts';
import { documentPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { Page } from '../../ui/Page.tsx';
import { Read } from '../../ui/State.tsx';
import { ClientBadge } from '../clients/ClientBadge.tsx';
import { ClientActions } from './ClientActions.tsx';

const TABS = [
  ['/clients/$id', 'Overview'],
  ['/clients/$id/permissions', 'Permissions'],
  ['/clients/$id/sessions', 'Sessions'],
  ['/clients/$id/activity', 'Activity'],
  ['/clients/$id/blast-radius', 'Blast radius'],
  ['/clients/$id/edit', 'Document'],
] as const;

const EXACT = { exact: true, includeSearch: false };

export interface OpenClient {
  client: ClientDocument;
  etag: string | undefined;
}

/** The head and the tabs that all pages of one client share. */
export function ClientFrame({ children }: { children: (open: OpenClient) => ReactNode }) {
  const { id = '' } = useParams({ strict: false });
  const path = documentPath('Client', id);
  const query = useRead<ClientDocument>(path);
  const client = query.data?.body;
  return (
    <Page
      title={client?.name ?? id}
      crumb={{ name: 'Clients', to: '/clients' }}
      about={client?.description}
      actions={
        client !== undefined && (
          <>
            <ClientBadge client={client} />
            <AsApi path={path} body={client} />
            <ClientActions client={client} etag={query.data?.etag} />
          </>
        )
      }
    >
      <nav className="tabs" aria-label="Parts of this client">
        {TABS.map(([to, name]) => (
          <Link key={to} to={to} params={{ id }} activeOptions={EXACT}>
            {name}
          </Link>
        ))}
      </nav>
      <Read query={query}>{(body) => children({ client: body, etag: query.data?.etag })}</Read>
    </Page>
  );
}
