import { KeyRound, Plus, Send } from 'lucide-react';
import { useState } from 'react';
import type { Need } from '../../../api/permissions.ts';
import { useRead } from '../../../api/queries.ts';
import { GuardedButton } from '../../../ui/Guarded.tsx';
import { Card } from '../../../ui/Page.tsx';
import { Empty, Read } from '../../../ui/State.tsx';
import type { OpenClient } from '../ClientFrame.tsx';
import { AddSecretDialog } from './AddSecretDialog.tsx';
import { EndSecretDialog } from './EndSecretDialog.tsx';
import { HandOverDialog } from './HandOverDialog.tsx';
import { PendingHandOvers } from './PendingHandOvers.tsx';
import { type JudgedSecret, type Rotation, rotationPath } from './rotation.ts';
import { SecretTable } from './SecretTable.tsx';

/** The secrets of a client, which of them can go, and the links for new ones. */
export function Secrets({ client, etag }: OpenClient) {
  const [making, setMaking] = useState<'secret' | 'link'>();
  const query = useRead<Rotation>(rotationPath(client.id));
  const rotate: Need = { type: 'Client', operation: 'rotate', id: client.id };
  const leave = () => setMaking(undefined);
  return (
    <Card
      flush
      title="Secrets"
      actions={
        <>
          <GuardedButton needs={rotate} size="small" onClick={() => setMaking('link')}>
            <Send size={14} aria-hidden /> Hand over
          </GuardedButton>
          <GuardedButton needs={rotate} size="small" onClick={() => setMaking('secret')}>
            <Plus size={14} aria-hidden /> Add secret
          </GuardedButton>
        </>
      }
    >
      <Read query={query}>
        {(rotation) => <Judged rotation={rotation} clientId={client.id} etag={etag} rotate={rotate} />}
      </Read>
      <AddSecretDialog client={client} open={making === 'secret'} close={leave} />
      <HandOverDialog clientId={client.id} open={making === 'link'} close={leave} />
    </Card>
  );
}

function Judged({
  rotation: { idle, secrets, hand_overs },
  clientId,
  etag,
  rotate,
}: {
  rotation: Rotation;
  clientId: string;
  etag: string | undefined;
  rotate: Need;
}) {
  const [ending, setEnding] = useState<JudgedSecret>();
  return (
    <div>
      {secrets.length === 0 ? (
        <Empty icon={KeyRound} title="No secret">
          Add one, hand one over, or let the client sign or present a token of another platform: see its
          document.
        </Empty>
      ) : (
        <SecretTable secrets={secrets} idle={idle} rotate={rotate} end={setEnding} />
      )}
      {hand_overs.length > 0 && (
        <PendingHandOvers of={hand_overs} clientId={clientId} etag={etag} rotate={rotate} />
      )}
      <EndSecretDialog clientId={clientId} etag={etag} secret={ending} close={() => setEnding(undefined)} />
    </div>
  );
}
