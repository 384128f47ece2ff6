import { useQueryClient } from '@tanstack/react-query';
import { Ban } from 'lucide-react';
import { useState } from 'react';
import type { ClientDocument } from '../../api/documents.ts';
import { useChange } from '../../api/queries.ts';
import { Button } from '../../ui/Button.tsx';
import { ConfirmDialog } from '../../ui/Dialog.tsx';
import { GuardedButton } from '../../ui/Guarded.tsx';

const named = (count: number) => (count === 1 ? '1 client' : `${count} clients`);

/** Disables the selected clients in one write: all of them, or none if one was changed by someone else. */
export function BulkDisable({ selected, clear }: { selected: ClientDocument[]; clear: () => void }) {
  const queries = useQueryClient();
  const [confirming, setConfirming] = useState(false);
  const active = selected.filter((client) => client.active);
  const disabling = useChange(`${named(active.length)} disabled, their sessions are closed`);
  const confirm = () =>
    disabling.mutate(
      { path: '/', method: 'POST', body: { type: 'transaction', entry: active.map(disableOf) } },
      {
        onSuccess: () => {
          setConfirming(false);
          clear();
        },
        // The versions that are shown may be older than those of the server.
        onError: () => void queries.invalidateQueries(),
      },
    );
  if (selected.length === 0 && !confirming) return null;
  return (
    <section className="selection" aria-label="Selected clients">
      <span role="status">
        {named(selected.length)} selected
        {active.length < selected.length && `, ${selected.length - active.length} of them disabled already`}
      </span>
      <span className="row">
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
      <ConfirmDialog
        title={`Disable ${named(active.length)}?`}
        action="Disable"
        word={`disable ${active.length}`}
        open={confirming}
        close={() => setConfirming(false)}
        change={disabling}
        confirm={confirm}
      >
        <p>
          They authenticate nowhere from then on, and their sessions are closed for good. Each can be enabled
          again.
        </p>
        <ul className="mono break">
          {active.map(({ id }) => (
            <li key={id}>{id}</li>
          ))}
        </ul>
      </ConfirmDialog>
    </section>
  );
}

const disableOf = ({ id, meta }: ClientDocument) => ({
  request: { method: 'PATCH', url: `Client/${id}`, ifMatch: `"${meta.versionId}"` },
  resource: { active: false },
});
