import { useQueryClient } from '@tanstack/react-query';
import { Ban } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { ClientDocument } from '../../api/documents.ts';
import { useChange } from '../../api/queries.ts';
import { Button } from '../../ui/Button.tsx';
import { ConfirmDialog } from '../../ui/Dialog.tsx';
import { GuardedButton } from '../../ui/Guarded.tsx';

const MAX_LISTED = 25;

const named = (count: number) => (count === 1 ? '1 client' : `${count} clients`);

/** Disables the selected clients in one write: all of them, or none if one was changed by someone else. */
export function BulkDisable({
  selected,
  clear,
  children,
}: {
  selected: ClientDocument[];
  clear: () => void;
  /** How more of them are selected. */
  children: ReactNode;
}) {
  const [confirming, setConfirming] = useState(false);
  const active = selected.filter((client) => client.active);
  if (selected.length === 0 && !confirming) return null;
  return (
    <section className="selection" aria-label="Selected clients">
      <span role="status">
        {named(selected.length)} selected
        {active.length < selected.length && `, ${selected.length - active.length} of them disabled already`}
      </span>
      <span className="row">
        {children}
        <GuardedButton
          needs={{ type: 'Client', operation: 'update' }}
          size="small"
          look="danger"
          disabled={active.length === 0}
          onClick={() => setConfirming(true)}
        >
          <Ban size={14} aria-hidden /> Disable {active.length} …
        </GuardedButton>
        <Button size="small" onClick={clear}>
          Clear the selection
        </Button>
      </span>
      <BulkDisableDialog
        clients={active}
        open={confirming}
        close={() => setConfirming(false)}
        clear={clear}
      />
    </section>
  );
}

function BulkDisableDialog({
  clients,
  open,
  close,
  clear,
}: {
  clients: ClientDocument[];
  open: boolean;
  close: () => void;
  clear: () => void;
}) {
  const queries = useQueryClient();
  const disabling = useChange(`${named(clients.length)} disabled, their sessions are closed`);
  const confirm = () =>
    disabling.mutate(
      { path: '/', method: 'POST', body: { type: 'transaction', entry: clients.map(disableOf) } },
      {
        onSuccess: () => {
          close();
          clear();
        },
        // The versions that are shown may be older than those of the server.
        onError: () => void queries.invalidateQueries(),
      },
    );
  return (
    <ConfirmDialog
      title={`Disable ${named(clients.length)}?`}
      action="Disable"
      word={`disable ${clients.length}`}
      open={open}
      close={close}
      change={disabling}
      confirm={confirm}
    >
      <p>
        They authenticate nowhere from then on, and their sessions are closed for good. Each can be enabled
        again.
      </p>
      <ul className="mono break">
        {clients.slice(0, MAX_LISTED).map(({ id }) => (
          <li key={id}>{id}</li>
        ))}
      </ul>
      {clients.length > MAX_LISTED && <p>and {clients.length - MAX_LISTED} more</p>}
    </ConfirmDialog>
  );
}

const disableOf = ({ id, meta }: ClientDocument) => ({
  request: { method: 'PATCH', url: `Client/${id}`, ifMatch: `"${meta.versionId}"` },
  resource: { active: false },
});
