import type { ClientDocument } from '../../api/documents.ts';
import type { useChange } from '../../api/queries.ts';
import { documentPath } from '../../api/request.ts';
import { Button } from '../../ui/Button.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import { Difference } from '../../ui/Difference.tsx';
import { GuardedButton } from '../../ui/Guarded.tsx';
import { ErrorNote } from '../../ui/State.tsx';
import { editableOf } from '../documents/editable.ts';

/** A client, and what would change in it. */
export interface Addition {
  client: ClientDocument;
  etag: string | undefined;
  patch: { federated: object[] };
}

/** The difference that the rule makes in the client's document, before it is written. */
export function AddRuleDialog({
  addition,
  adding,
  close,
  added,
}: {
  addition: Addition | undefined;
  adding: ReturnType<typeof useChange>;
  close: () => void;
  added: () => void;
}) {
  return (
    <Dialog broad title="Add this rule?" open={addition !== undefined} close={close}>
      {addition !== undefined && (
        <div className="stack">
          <p className="soft">
            This changes in the document of <strong>{addition.client.id}</strong>:
          </p>
          <Difference
            label="What would change"
            before={editableOf(addition.client)}
            after={editableOf({ ...addition.client, ...addition.patch })}
          />
          {adding.error !== null && <ErrorNote error={adding.error} />}
          <div className="dialog-actions">
            <Button onClick={close}>Cancel</Button>
            <GuardedButton
              needs={{ type: 'Client', operation: 'update', id: addition.client.id }}
              look="primary"
              disabled={adding.isPending}
              onClick={() => adding.mutate(changeOf(addition), { onSuccess: added })}
            >
              Add the rule
            </GuardedButton>
          </div>
        </div>
      )}
    </Dialog>
  );
}

const changeOf = ({ client, etag, patch }: Addition) => ({
  path: documentPath('Client', client.id),
  method: 'PATCH' as const,
  body: patch,
  ifMatch: etag,
});
