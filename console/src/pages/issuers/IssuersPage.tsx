import { Link } from '@tanstack/react-router';
import { FlaskConical, Handshake, Plus, Users } from 'lucide-react';
import type { IssuerDocument } from '../../api/documents.ts';
import type { Need } from '../../api/permissions.ts';
import { useList } from '../../api/queries.ts';
import { searchPath } from '../../api/request.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { ButtonLink } from '../../ui/Button.tsx';
import { type Filter, Filters } from '../../ui/Filters.tsx';
import { GuardedLink } from '../../ui/Guarded.tsx';
import { type Column, List } from '../../ui/List.tsx';
import { Page } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import { useFilters } from '../../ui/use-search.ts';
import { keysOf } from './IssuerPage.tsx';

const PAGE_ROWS = 25;
const CREATE: Need = { type: 'TrustedIssuer', operation: 'create' };

const COLUMNS: Column<IssuerDocument>[] = [
  {
    name: 'Issuer',
    show: ({ id, name, issuer }) => (
      <>
        <Link className="row-link" to="/issuers/$id" params={{ id }}>
          {name ?? id}
        </Link>
        <div className="small faint mono break">{issuer}</div>
      </>
    ),
  },
  { name: 'Keys', wide: true, show: keysOf },
  {
    name: 'Shared',
    wide: true,
    show: ({ shared }) =>
      shared === true ? (
        <Badge tone="warn" icon={Users}>
          Shared with strangers
        </Badge>
      ) : (
        <span className="faint">no</span>
      ),
  },
  { name: 'Changed', wide: true, show: ({ meta }) => <Time at={meta.lastUpdated} /> },
];

const FILTERS: readonly Filter[] = [
  { name: 'name', label: 'Name', placeholder: 'A part of it' },
  { name: 'issuer', label: 'Issuer', placeholder: 'The whole iss' },
];

export function IssuersPage() {
  const { filters, page, isFiltered } = useFilters();
  const { name, issuer, after } = filters;
  const path = searchPath('TrustedIssuer', { name, issuer, _count: PAGE_ROWS, _after: after });
  const { data } = useList<IssuerDocument>(path);
  return (
    <Page
      title="Trusted issuers"
      about="Platforms whose own tokens authenticate clients, so that no secret is stored on either side."
      actions={
        <>
          <AsApi path={path} body={data?.body} />
          <ButtonLink to="/issuers/try">
            <FlaskConical size={16} aria-hidden /> Try a token
          </ButtonLink>
          <GuardedLink look="primary" to="/issuers/new" needs={CREATE}>
            <Plus size={16} aria-hidden /> New issuer
          </GuardedLink>
        </>
      }
    >
      <Filters of={FILTERS} />
      <List
        path={path}
        label="Trusted issuers"
        columns={COLUMNS}
        page={page}
        empty={isFiltered ? NO_MATCH : NONE}
      />
    </Page>
  );
}

const NO_MATCH = <Empty icon={Handshake} title="No issuer matches" />;

const NONE = (
  <Empty
    icon={Handshake}
    title="No trusted issuers yet"
    actions={
      <GuardedLink look="primary" to="/issuers/new" needs={CREATE}>
        New issuer
      </GuardedLink>
    }
  >
    Register GitHub Actions, a Kubernetes cluster or a SPIFFE trust domain; clients then say which of its
    tokens are theirs.
  </Empty>
);
