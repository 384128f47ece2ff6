import { useRead } from '../../../api/queries.ts';
import { documentPath } from '../../../api/request.ts';
import { Card } from '../../../ui/Page.tsx';
import { Read } from '../../../ui/State.tsx';
import { ClientFrame, type OpenClient } from '../ClientFrame.tsx';
import type { BlastRadius } from './blast-radius.ts';
import { ContainButton } from './Contain.tsx';
import { ContainedNote } from './ContainedNote.tsx';
import { CredentialUses } from './CredentialUses.tsx';
import { Exposure } from './Exposure.tsx';
import { Reach } from './Reach.tsx';

export function BlastRadiusPage() {
  return <ClientFrame>{(open) => <Radius {...open} />}</ClientFrame>;
}

/** What a leaked credential of the client puts at risk, and how to contain it. */
function Radius({ client }: OpenClient) {
  const query = useRead<BlastRadius>(`${documentPath('Client', client.id)}/$blast-radius`);
  return (
    <Read query={query}>
      {(radius) => (
        <div className="stack loose">
          {!client.active && <ContainedNote tokens={radius.tokens} />}
          <div className="columns wide-left">
            <div className="stack loose">
              <Reach radius={radius} />
              <CredentialUses of={radius.last_uses} />
            </div>
            <Card title="If a credential leaked">
              <div className="stack">
                <Exposure radius={radius} />
                {client.active && <ContainButton clientId={client.id} />}
              </div>
            </Card>
          </div>
        </div>
      )}
    </Read>
  );
}
