import type { ResourceDocument } from '../../api/documents.ts';
import { CodeTabs } from '../../ui/Code.tsx';
import { Card, Facts } from '../../ui/Page.tsx';
import { Time } from '../../ui/Time.tsx';
import { DocumentFrame, EditPage } from '../documents/DocumentFrame.tsx';
import { Operations } from './Operations.tsx';
import { isOwnType } from './own-types.ts';
import { verificationOf } from './verification.ts';

export function ResourcePage() {
  return (
    <DocumentFrame<ResourceDocument> kind="Resource" isReadOnly={({ id }) => isOwnType(id)}>
      {(resource) => (
        <div className="stack loose">
          <div className="columns wide-left">
            <Operations resource={resource} />
            <Card title="About">
              <About resource={resource} />
            </Card>
          </div>
          {!isOwnType(resource.id) && (
            <Card title="Verify tokens">
              <CodeTabs texts={verificationOf(resource, location.origin)} />
            </Card>
          )}
        </div>
      )}
    </DocumentFrame>
  );
}

function About({ resource }: { resource: ResourceDocument }) {
  const { id, audience, uri, introspection_clients, meta } = resource;
  const metadata = `/.well-known/oauth-protected-resource/Resource/${id}`;
  return (
    <Facts
      of={[
        ['Resource id', <code key="id">{id}</code>],
        ['Audience', audience ?? (isOwnType(id) ? 'this server' : uri)],
        ['URI', uri],
        [
          'Metadata',
          uri !== undefined && (
            <a key="metadata" href={metadata} target="_blank" rel="noreferrer">
              Protected resource metadata
            </a>
          ),
        ],
        ['May introspect', introspection_clients?.map((client) => <div key={client.id}>{client.id}</div>)],
        ['Created', <Time key="created" at={meta.createdAt} />],
        ['Changed', <Time key="changed" at={meta.lastUpdated} />],
        ['Version', meta.versionId],
      ]}
    />
  );
}

export const EditResourcePage = () => <EditPage kind="Resource" />;
