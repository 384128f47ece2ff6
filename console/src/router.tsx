import { createRootRoute, createRoute, createRouter, type ErrorComponentProps } from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { type ComponentType, lazy } from 'react';
import { Shell } from './shell/Shell.tsx';
import { ButtonLink } from './ui/Button.tsx';
import { Page } from './ui/Page.tsx';
import { Empty, Note } from './ui/State.tsx';

type Search = Record<string, string | undefined>;

/** Filters are plain text in the URL; other values are dropped. */
const textOnly = (search: Record<string, unknown>): Search =>
  Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) => (isText(value) ? [[name, String(value)]] : [])),
  );

const isText = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  errorComponent: Broken,
  validateSearch: textOnly,
});

/** The build puts the code of all pages into one file. */
const page = <Path extends string>(path: Path, load: () => Promise<{ default: ComponentType }>) =>
  createRoute({ getParentRoute: () => root, path, component: lazy(load) });

const from = <Name extends string>(name: Name, module: Promise<Record<Name, ComponentType>>) =>
  module.then((exported) => ({ default: exported[name] }));

const routes = root.addChildren([
  page('/', () => from('OverviewPage', import('./pages/overview/OverviewPage.tsx'))),
  page('/clients', () => from('ClientsPage', import('./pages/clients/ClientsPage.tsx'))),
  page('/clients/new', () => from('NewClientPage', import('./pages/new-client/NewClientPage.tsx'))),
  page('/clients/$id', () => from('ClientPage', import('./pages/client/ClientPage.tsx'))),
  page('/clients/$id/permissions', () =>
    from('PermissionsPage', import('./pages/client/PermissionsPage.tsx')),
  ),
  page('/clients/$id/sessions', () => from('SessionsTab', import('./pages/client/SessionsTab.tsx'))),
  page('/clients/$id/activity', () => from('ActivityTab', import('./pages/client/ActivityTab.tsx'))),
  page('/clients/$id/blast-radius', () =>
    from('BlastRadiusPage', import('./pages/client/blast-radius/BlastRadiusPage.tsx')),
  ),
  page('/clients/$id/edit', () => from('EditTab', import('./pages/client/EditTab.tsx'))),
  page('/resources', () => from('ResourcesPage', import('./pages/resources/ResourcesPage.tsx'))),
  page('/resources/new', () => from('NewResourcePage', import('./pages/resources/NewResourcePage.tsx'))),
  page('/resources/$id', () => from('ResourcePage', import('./pages/resources/ResourcePage.tsx'))),
  page('/resources/$id/edit', () => from('EditResourcePage', import('./pages/resources/ResourcePage.tsx'))),
  page('/policies', () => from('PoliciesPage', import('./pages/policies/PoliciesPage.tsx'))),
  page('/policies/new', () => from('NewPolicyPage', import('./pages/policies/PolicyPage.tsx'))),
  page('/policies/$id', () => from('PolicyPage', import('./pages/policies/PolicyPage.tsx'))),
  page('/policies/$id/edit', () => from('EditPolicyPage', import('./pages/policies/PolicyPage.tsx'))),
  page('/issuers', () => from('IssuersPage', import('./pages/issuers/IssuersPage.tsx'))),
  page('/issuers/new', () => from('NewIssuerPage', import('./pages/issuers/IssuerPage.tsx'))),
  page('/issuers/try', () => from('TryIssuerPage', import('./pages/issuers/AssertionTester.tsx'))),
  page('/issuers/$id', () => from('IssuerPage', import('./pages/issuers/IssuerPage.tsx'))),
  page('/issuers/$id/edit', () => from('EditIssuerPage', import('./pages/issuers/IssuerPage.tsx'))),
  page('/try', () => from('TryPage', import('./pages/try/TryPage.tsx'))),
  page('/sessions', () => from('SessionsPage', import('./pages/sessions/SessionsPage.tsx'))),
  page('/audit', () => from('AuditPage', import('./pages/audit/AuditPage.tsx'))),
  page('/keys', () => from('KeysPage', import('./pages/keys/KeysPage.tsx'))),
  page('/configuration', () =>
    from('ConfigurationPage', import('./pages/configuration/ConfigurationPage.tsx')),
  ),
]);

export const router = createRouter({
  routeTree: routes,
  basepath: '/console',
  defaultPreload: false,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(textOnly(search) as Record<string, string>).toString();
    return text === '' ? '' : `?${text}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

function NotFound() {
  return (
    <Page title="No such page">
      <Empty
        icon={Compass}
        title="The console has no page at this address"
        actions={<ButtonLink to="/">Go to the overview</ButtonLink>}
      />
    </Page>
  );
}

/** Usually the code of a page that a newer version of the server no longer has. */
function Broken({ error }: ErrorComponentProps) {
  return (
    <Page title="This page failed">
      <Note tone="danger" title="The page could not be shown">
        <p>{error instanceof Error ? error.message : String(error)}</p>
        <p>Reload it: the server may have been updated meanwhile. You will have to sign in again.</p>
      </Note>
    </Page>
  );
}
