import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import type { LastUse, SecretRecord } from '../../api/documents.ts';
import type { Need } from '../../api/permissions.ts';
import { useChange } from '../../api/queries.ts';
import { documentPath } from '../../api/request.ts';
import { Badge } from '../../ui/Badge.tsx';
import { ConfirmDialog } from '../../ui/Dialog.tsx';
import { GuardedButton } from '../../ui/Guarded.tsx';
import { type Column, Table } from '../../ui/List.tsx';
import { Card } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import { endsSoon } from '../clients/client-state.ts';
import { AddSecretDialog } from './AddSecretDialog.tsx';
import type { OpenClient } from './ClientFrame.tsx';

export function Secrets({ client, etag }: OpenClient) {
  const [adding, setAdding] = useState(false);
  const [ending, setEnding] = useState<SecretRecord>();
  const secrets = client.secrets ?? [];
  const rotate: Need = { type: 'Client', operation: 'rotate', id: client.id };
  const columns: Column<SecretRecord>[] = [
    { name: 'Secret', show: (secret) => <SecretName secret={secret} /> },
    {
      name: 'Last used',
      wide: true,
      show: ({ id, last_used }) => (
        <Use at={last_used} use={client.last_uses?.find(({ secret }) => secret === id)} />
      ),
    },
    { name: 'Ends', show: (secret) => <End secret={secret} /> },
    {
      name: 'Actions',
      show: (secret) => (
        <GuardedButton needs={rotate} size="small" look="danger" onClick={() => setEnding(secret)}>
          End<span className="hidden"> the secret {secret.description ?? secret.id}</span>
        </GuardedButton>
      ),
    },
  ];
  return (
    <Card
      flush
      title="Secrets"
      actions={
        <GuardedButton needs={rotate} size="small" onClick={() => setAdding(true)}>
          <Plus size={14} aria-hidden /> Add secret
        </GuardedButton>
      }
    >
      {secrets.length === 0 ? (
        <Empty icon={KeyRound} title="No secret">
          Add one, or let the client sign or present a token of another platform: see its document.
        </Empty>
      ) : (
        <Table label="Secrets" columns={columns} rows={secrets} />
      )}
      <AddSecretDialog client={client} open={adding} close={() => setAdding(false)} />
      <EndSecretDialog clientId={client.id} etag={etag} secret={ending} close={() => setEnding(undefined)} />
    </Card>
  );
}

const SecretName = ({ secret }: { secret: SecretRecord }) => (
  <>
    <div>{secret.description ?? <span className="soft">No description</span>}</div>
    <div className="small faint">
      <span className="mono" title={secret.id}>
        {secret.id.slice(0, 8)}
      </span>{' '}
      · added <Time at={secret.created} />
    </div>
  </>
);

function Use({ at, use }: { at: string | undefined; use: LastUse | undefined }) {
  const time = use?.time ?? at;
  if (time === undefined) return <span className="faint">never</span>;
  return (
    <>
      <Time at={time} />
      <div className="small faint break">{[use?.address, use?.user_agent].filter(Boolean).join(' · ')}</div>
    </>
  );
}

function End({ secret }: { secret: SecretRecord }) {
  if (secret.end === undefined) return <span className="faint">never</span>;
  return endsSoon(secret) ? (
    <Badge tone="warn">
      <Time at={secret.end} />
    </Badge>
  ) : (
    <Time at={secret.end} />
  );
}

function EndSecretDialog({
  clientId,
  etag,
  secret,
  close,
}: {
  clientId: string;
  etag: string | undefined;
  secret: SecretRecord | undefined;
  close: () => void;
}) {
  const ending = useChange('The secret has ended');
  const confirm = () =>
    ending.mutate(
      {
        path: `${documentPath('Client', clientId)}/$end-secret`,
        method: 'POST',
        body: { id: secret?.id },
        ifMatch: etag,
      },
      { onSuccess: close },
    );
  const used = secret?.last_used;
  return (
    <ConfirmDialog
      title="End this secret?"
      action="End the secret"
      word={secret?.id.slice(0, 8) ?? ''}
      open={secret !== undefined}
      close={close}
      change={ending}
      confirm={confirm}
    >
      <p>
        {used === undefined ? 'It was never used. ' : 'It was last used '}
        {used !== undefined && <Time at={used} full />}
        {used !== undefined && '. '}
        What presents it is refused from then on, in every process. An ended secret cannot come back.
      </p>
    </ConfirmDialog>
  );
}
