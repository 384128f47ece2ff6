import type { ClientDocument } from '../../api/documents.ts';
import { CodeTabs } from '../../ui/Code.tsx';
import { Card } from '../../ui/Page.tsx';
import { snippetsOf } from './snippets.ts';

export function Snippets({ client }: { client: ClientDocument }) {
  if (!client.grant_types.includes('client_credentials')) return null;
  return (
    <Card title="Get a token">
      <CodeTabs texts={snippetsOf(client, location.origin)} />
    </Card>
  );
}
