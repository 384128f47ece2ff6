import { Menu } from '@base-ui/react/menu';
import { useNavigate } from '@tanstack/react-router';
import { Ban, DoorClosed, Ellipsis, type LucideIcon, Play, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { ClientDocument } from '../../api/documents.ts';
import { type Need, useRefusal } from '../../api/permissions.ts';
import { useChange } from '../../api/queries.ts';
import { documentPath } from '../../api/request.ts';
import { DeleteDialog } from '../../ui/DeleteDialog.tsx';
import { ConfirmDialog } from '../../ui/Dialog.tsx';

type Asked = 'disable' | 'close' | 'delete' | undefined;

export function ClientActions({ client, etag }: { client: ClientDocument; etag: string | undefined }) {
  const [asked, setAsked] = useState<Asked>();
  const navigate = useNavigate();
  const close = () => setAsked(undefined);
  return (
    <>
      <Menu.Root>
        <Menu.Trigger className="button icon" aria-label="More actions">
          <Ellipsis size={18} aria-hidden />
        </Menu.Trigger>
        <Menu.Portal container={document.getElementById('main')}>
          <Menu.Positioner className="menu-layer" align="end" sideOffset={6}>
            <Menu.Popup className="menu">
              <Actions client={client} etag={etag} ask={setAsked} />
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <DisableDialog client={client} etag={etag} open={asked === 'disable'} close={close} />
      <CloseDialog client={client} open={asked === 'close'} close={close} />
      <DeleteDialog
        document={client}
        etag={etag}
        open={asked === 'delete'}
        close={close}
        deleted={() => void navigate({ to: '/clients' })}
      />
    </>
  );
}

/** The entries of the menu, which ask for their permissions once it is opened. */
function Actions({
  client: { id, active },
  etag,
  ask,
}: {
  client: ClientDocument;
  etag: string | undefined;
  ask: (action: Asked) => void;
}) {
  const enable = useChange('Client enabled');
  const update: Need = { type: 'Client', operation: 'update', id };
  const path = documentPath('Client', id);
  return (
    <>
      {active ? (
        <Action needs={update} icon={Ban} choose={() => ask('disable')}>
          Disable …
        </Action>
      ) : (
        <Action
          needs={update}
          icon={Play}
          choose={() => enable.mutate({ path, method: 'PATCH', body: { active: true }, ifMatch: etag })}
        >
          Enable
        </Action>
      )}
      <Action
        needs={{ type: 'Session', operation: 'delete', id }}
        icon={DoorClosed}
        choose={() => ask('close')}
      >
        Close all sessions …
      </Action>
      <Action
        needs={{ type: 'Client', operation: 'delete', id }}
        icon={Trash2}
        isDanger
        choose={() => ask('delete')}
      >
        Delete …
      </Action>
    </>
  );
}

/** An entry of the menu; one that the policies do not permit says so. */
function Action({
  needs,
  icon: Icon,
  isDanger = false,
  choose,
  children,
}: {
  needs: Need;
  icon: LucideIcon;
  isDanger?: boolean;
  choose: () => void;
  children: ReactNode;
}) {
  const refusal = useRefusal(needs);
  return (
    <Menu.Item
      className={isDanger ? 'menu-item danger' : 'menu-item'}
      disabled={refusal !== undefined}
      onClick={choose}
    >
      <Icon size={16} aria-hidden />
      <span>
        {children}
        {refusal !== undefined && <span className="small faint menu-reason">{refusal}</span>}
      </span>
    </Menu.Item>
  );
}

interface Asking {
  client: ClientDocument;
  open: boolean;
  close: () => void;
}

function DisableDialog({ client, etag, open, close }: Asking & { etag: string | undefined }) {
  const disable = useChange('Client disabled, its sessions are closed');
  const confirm = () =>
    disable.mutate(
      { path: documentPath('Client', client.id), method: 'PATCH', body: { active: false }, ifMatch: etag },
      { onSuccess: close },
    );
  return (
    <ConfirmDialog
      title={`Disable ${client.id}?`}
      action="Disable"
      word={client.id}
      open={open}
      close={close}
      change={disable}
      confirm={confirm}
    >
      It authenticates nowhere from then on, and its sessions are closed for good. The client can be enabled
      again.
    </ConfirmDialog>
  );
}

function CloseDialog({ client, open, close }: Asking) {
  const closing = useChange('All sessions of the client are closed');
  const confirm = () =>
    closing.mutate(
      { path: `/Session?client=${encodeURIComponent(client.id)}`, method: 'DELETE' },
      { onSuccess: close },
    );
  return (
    <ConfirmDialog
      title={`Close all sessions of ${client.id}?`}
      action="Close all sessions"
      word={client.id}
      open={open}
      close={close}
      change={closing}
      confirm={confirm}
    >
      Every token that it has now becomes invalid. APIs that verify JWTs themselves accept those until they
      expire. The client can request new tokens at once.
    </ConfirmDialog>
  );
}
