import { ShieldX } from 'lucide-react';
import { useState } from 'react';
import { useRefusal } from '../../../api/permissions.ts';
import { useChange } from '../../../api/queries.ts';
import { documentPath } from '../../../api/request.ts';
import { ConfirmDialog } from '../../../ui/Dialog.tsx';
import { TextField } from '../../../ui/Field.tsx';
import { GuardedButton } from '../../../ui/Guarded.tsx';

export function ContainButton({ clientId }: { clientId: string }) {
  const [asking, setAsking] = useState(false);
  const update = { type: 'Client', operation: 'update', id: clientId } as const;
  const closing = { type: 'Session', operation: 'delete', id: clientId } as const;
  const mayClose = useRefusal(closing) === undefined;
  return (
    <div>
      <GuardedButton needs={mayClose ? update : closing} look="danger" onClick={() => setAsking(true)}>
        <ShieldX size={16} aria-hidden /> Contain …
      </GuardedButton>
      <ContainDialog clientId={clientId} open={asking} close={() => setAsking(false)} />
    </div>
  );
}

function ContainDialog({ clientId, open, close }: { clientId: string; open: boolean; close: () => void }) {
  const [reason, setReason] = useState('');
  const containing = useChange('The client is contained');
  const confirm = () =>
    containing.mutate(
      {
        path: `${documentPath('Client', clientId)}/$contain`,
        method: 'POST',
        body: reason === '' ? {} : { reason },
      },
      { onSuccess: close },
    );
  return (
    <ConfirmDialog
      title={`Contain ${clientId}?`}
      action="Contain"
      word={clientId}
      open={open}
      close={close}
      change={containing}
      confirm={confirm}
    >
      <div className="stack">
        <p>
          Disables the client and closes its sessions for good, in one step; links for new secrets end too. It
          can be enabled again once its credentials are replaced.
        </p>
        <TextField
          label="Reason, for the audit trail"
          value={reason}
          maxLength={255}
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
    </ConfirmDialog>
  );
}
