import { useChange } from '../../../api/queries.ts';
import { documentPath } from '../../../api/request.ts';
import { ConfirmDialog } from '../../../ui/Dialog.tsx';
import { Note } from '../../../ui/State.tsx';
import { type JudgedSecret, shortId } from './rotation.ts';

export function EndSecretDialog({
  clientId,
  etag,
  secret,
  close,
}: {
  clientId: string;
  etag: string | undefined;
  secret: JudgedSecret | undefined;
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
  return (
    <ConfirmDialog
      title="End this secret?"
      action="End the secret"
      word={shortId(secret?.id ?? '')}
      open={secret !== undefined}
      close={close}
      change={ending}
      confirm={confirm}
    >
      {secret !== undefined && (
        <Note tone={secret.verdict.safe_to_end ? 'good' : 'warn'} title={secret.verdict.text} />
      )}
      <p>What presents it is refused from then on, in every process. An ended secret cannot come back.</p>
    </ConfirmDialog>
  );
}
