import type { ResourceDocument } from '../../api/documents.ts';
import { useRead } from '../../api/queries.ts';
import { CodeBlock, CodeTabs } from '../../ui/Code.tsx';
import { Card, Facts } from '../../ui/Page.tsx';
import { Read } from '../../ui/State.tsx';
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
          {resource.uri !== undefined && <Metadata id={resource.id} uri={resource.uri} />}
        </div>
      )}
    </DocumentFrame>
  );
}

/** As clients of the API read it (RFC 9728). */
function Metadata({ id, uri }: { id: string; uri: string }) {
  const path = `/.well-known/oauth-protected-resource/Resource/${id}`;
  const { origin, pathname } = new URL(uri);
  const place = `${origin}/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`;
  return (
    <Card title="Protected resource metadata">
      <div className="stack">
        <p className="small soft">
          Clients look for it at <code className="break">{place}</code>: let the gateway of the API proxy{' '}
          <a href={path} target="_blank" rel="noreferrer">
            this document
          </a>{' '}
          to there.
        </p>
        <Read query={useRead<object>(path)}>
          {(metadata) => <CodeBlock label="Metadata" text={JSON.stringify(metadata, null, 2)} />}
        </Read>
      </div>
    </Card>
  );
}

function About({ resource }: { resource: ResourceDocument }) {
  const { id, audience, uri, introspection_clients, meta } = resource;
  return (
    <Facts
      of={[
        ['Resource id', <code key="id">{id}</code>],
        ['Audience', audience ?? (isOwnType(id) ? 'this server' : uri)],
        ['URI', uri],
        ['May introspect', introspection_clients?.map((client) => <div key={client.id}>{client.id}</div>)],
        ['Created', <Time key="created" at={meta.createdAt} />],
        ['Changed', <Time key="changed" at={meta.lastUpdated} />],
        ['Version', meta.versionId],
      ]}
    />
  );
}

export const EditResourcePage = () => <EditPage kind="Resource" />;
