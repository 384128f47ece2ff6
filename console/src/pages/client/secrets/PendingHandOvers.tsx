import { useState } from 'react';
import type { Need } from '../../../api/permissions.ts';
import { useChange } from '../../../api/queries.ts';
import { documentPath } from '../../../api/request.ts';
import { ConfirmDialog } from '../../../ui/Dialog.tsx';
import { GuardedButton } from '../../../ui/Guarded.tsx';
import { type Column, Table } from '../../../ui/List.tsx';
import { Time } from '../../../ui/Time.tsx';
import { type PendingHandOver, shortId } from './rotation.ts';

type Row = PendingHandOver & { id: string };

/** Links that were made and not opened yet. */
export function PendingHandOvers({
  of,
  clientId,
  etag,
  rotate,
}: {
  of: PendingHandOver[];
  clientId: string;
  etag: string | undefined;
  rotate: Need;
}) {
  const [ending, setEnding] = useState<PendingHandOver>();
  const columns: Column<Row>[] = [
    LINK,
    { name: 'Expires', show: ({ link_expires }) => <Time at={link_expires} /> },
    {
      name: 'Actions',
      show: (handOver) => (
        <GuardedButton needs={rotate} size="small" look="danger" onClick={() => setEnding(handOver)}>
          End<span className="hidden"> the link {handOver.description ?? handOver.secret_id}</span>
        </GuardedButton>
      ),
    },
  ];
  return (
    <>
      <h3 className="card-note">Links that were not opened yet</h3>
      <Table
        label="Links that were not opened yet"
        columns={columns}
        rows={of.map((one) => ({ ...one, id: one.secret_id }))}
      />
      <EndLinkDialog
        clientId={clientId}
        etag={etag}
        secretId={ending?.secret_id}
        close={() => setEnding(undefined)}
      />
    </>
  );
}

const LINK: Column<Row> = {
  name: 'Link',
  show: ({ description, secret_id, made_by, created }) => (
    <>
      <div>{description ?? <span className="soft">No description</span>}</div>
      <div className="small faint break">
        <span className="mono">{shortId(secret_id)}</span> · made by {made_by.id} <Time at={created} />
      </div>
    </>
  ),
};

function EndLinkDialog({
  clientId,
  etag,
  secretId,
  close,
}: {
  clientId: string;
  etag: string | undefined;
  secretId: string | undefined;
  close: () => void;
}) {
  const ending = useChange('The link has ended');
  const confirm = () =>
    ending.mutate(
      {
        path: `${documentPath('Client', clientId)}/$end-secret`,
        method: 'POST',
        body: { id: secretId },
        ifMatch: etag,
      },
      { onSuccess: close },
    );
  return (
    <ConfirmDialog
      title="End this link?"
      action="End the link"
      word={shortId(secretId ?? '')}
      open={secretId !== undefined}
      close={close}
      change={ending}
      confirm={confirm}
    >
      It opens no more. It was not opened yet, so there is no secret to end.
    </ConfirmDialog>
  );
}
