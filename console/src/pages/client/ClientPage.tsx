import { Card, Facts } from '../../ui/Page.tsx';
import { Time } from '../../ui/Time.tsx';
import { ClientFrame, type OpenClient } from './ClientFrame.tsx';
import { ScopeUsage } from './ScopeUsage.tsx';
import { Snippets } from './Snippets.tsx';
import { Secrets } from './secrets/Secrets.tsx';

export function ClientPage() {
  return (
    <ClientFrame>
      {(open) => (
        <div className="stack loose">
          <div className="columns wide-left">
            <Secrets {...open} />
            <Card title="About">
              <About {...open} />
            </Card>
          </div>
          <Snippets client={open.client} />
          <ScopeUsage clientId={open.client.id} />
        </div>
      )}
    </ClientFrame>
  );
}

function About({ client }: OpenClient) {
  const { owner, labels = {}, expires_at, grant_types, meta, auth, federated } = client;
  const settings = auth?.client_credentials;
  return (
    <Facts
      of={[
        ['Client id', <code key="id">{client.id}</code>],
        ['Owner', owner],
        [
          'Labels',
          Object.keys(labels).length > 0 && (
            <span className="row">
              {Object.entries(labels).map(([key, value]) => (
                <span key={key} className="tag">
                  {value === '' ? key : `${key}: ${value}`}
                </span>
              ))}
            </span>
          ),
        ],
        ['Grants', grant_types.join(', ')],
        ['Tokens', settings?.token_format],
        ['Lifetime', settings?.access_token_expiration && `${settings.access_token_expiration} seconds`],
        ['Audiences', settings?.audience?.map((audience) => <div key={audience}>{audience}</div>)],
        [
          'Federated',
          federated?.map(({ issuer, subject }) => (
            <div key={`${issuer} ${subject}`}>{`${issuer}: ${subject ?? 'by its claims'}`}</div>
          )),
        ],
        ['Expires', expires_at !== undefined && <Time key="expires" at={expires_at} full />],
        ['Created', <Time key="created" at={meta.createdAt} />],
        ['Changed', <Time key="changed" at={meta.lastUpdated} />],
        ['Version', meta.versionId],
      ]}
    />
  );
}
