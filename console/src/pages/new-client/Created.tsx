import { useEffect } from 'react';
import type { ClientDocument } from '../../api/documents.ts';
import { ButtonLink } from '../../ui/Button.tsx';
import { CodeBlock, CodeTabs } from '../../ui/Code.tsx';
import { Card, Page } from '../../ui/Page.tsx';
import { Note } from '../../ui/State.tsx';
import { snippetsOf } from '../client/snippets.ts';

/** The third answer: what to run now. The secret is part of this page only, and gone when it is left. */
export function Created({ client, secret }: { client: ClientDocument; secret: string | undefined }) {
  // The button that had the focus is gone: keyboard and screen reader continue here.
  useEffect(() => document.getElementById('main')?.focus(), []);
  return (
    <Page title={`${client.name ?? client.id} is ready`} crumb={{ name: 'Clients', to: '/clients' }}>
      <div className="stack loose">
        {secret !== undefined && (
          <Card title="Its secret">
            <div className="stack">
              <Note tone="warn" title="This is the only time that it is shown">
                Copy it to where the client runs, or to a vault. The server keeps a digest only.
              </Note>
              <CodeBlock label="Client secret" text={secret} />
            </div>
          </Card>
        )}
        <Card title="Get the first token">
          <CodeTabs texts={snippetsOf(client, location.origin)} />
        </Card>
        <div>
          <ButtonLink look="primary" to="/clients/$id" params={{ id: client.id }}>
            Open the client
          </ButtonLink>
        </div>
      </div>
    </Page>
  );
}
