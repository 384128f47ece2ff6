import { KeyRound, RotateCw } from 'lucide-react';
import { useState } from 'react';
import type { KeyDocument } from '../../api/documents.ts';
import type { Need } from '../../api/permissions.ts';
import { useChange, useList } from '../../api/queries.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { ConfirmDialog } from '../../ui/Dialog.tsx';
import { GuardedButton } from '../../ui/Guarded.tsx';
import { type Column, List } from '../../ui/List.tsx';
import { Page } from '../../ui/Page.tsx';
import { Empty } from '../../ui/State.tsx';
import { Time } from '../../ui/Time.tsx';
import { useFilters } from '../../ui/use-search.ts';

const ROTATE: Need = { type: 'SigningKey', operation: 'rotate' };

const STATES = {
  announced: <Badge tone="warn">Announced</Badge>,
  current: <Badge tone="good">Signs</Badge>,
  retired: <Badge tone="neutral">Retired</Badge>,
};

export function KeysPage() {
  const { page } = useFilters();
  const [asked, setAsked] = useState<'rotate' | KeyDocument>();
  const path =
    page.after === undefined ? '/SigningKey' : `/SigningKey?_after=${encodeURIComponent(page.after)}`;
  const { data } = useList<KeyDocument>(path);
  const columns: Column<KeyDocument>[] = [
    {
      name: 'Key',
      show: ({ id, alg }) => (
        <>
          <div>{alg}</div>
          <div className="small faint mono break">{id}</div>
        </>
      ),
    },
    { name: 'State', show: ({ state }) => STATES[state] },
    {
      name: 'Signs from',
      wide: true,
      show: ({ signs_from }) => (signs_from === undefined ? '' : <Time at={signs_from} />),
    },
    {
      name: 'Actions',
      show: (key) => (
        <GuardedButton needs={ROTATE} size="small" look="danger" onClick={() => setAsked(key)}>
          Compromised<span className="hidden"> is the key {key.id}</span>
        </GuardedButton>
      ),
    },
  ];
  return (
    <Page
      title="Signing keys"
      about="The keys that sign JWTs. A key signs for 90 days; its successor is published 24 hours before it signs."
      actions={
        <>
          <AsApi path={path} body={data?.body} />
          <GuardedButton needs={ROTATE} onClick={() => setAsked('rotate')}>
            <RotateCw size={16} aria-hidden /> Announce successors
          </GuardedButton>
        </>
      }
    >
      <List path={path} label="Signing keys" columns={columns} page={page} empty={NONE} />
      <RotateDialog open={asked === 'rotate'} close={() => setAsked(undefined)} />
      <CompromisedDialog asked={asked === 'rotate' ? undefined : asked} close={() => setAsked(undefined)} />
    </Page>
  );
}

function RotateDialog({ open, close }: { open: boolean; close: () => void }) {
  const rotation = useChange('Successors are announced');
  return (
    <ConfirmDialog
      title="Announce successors?"
      action="Announce"
      open={open}
      close={close}
      change={rotation}
      confirm={() =>
        rotation.mutate({ path: '/SigningKey/$rotate', method: 'POST', body: {} }, { onSuccess: close })
      }
    >
      For each algorithm in use a new key is published now and signs after 24 hours, so that no verifier
      misses it.
    </ConfirmDialog>
  );
}

function CompromisedDialog({ asked, close }: { asked: KeyDocument | undefined; close: () => void }) {
  const removal = useChange('The key is removed, and the sessions of its tokens are closed');
  const confirm = () =>
    removal.mutate(
      { path: '/SigningKey/$rotate', method: 'POST', body: { compromised: asked?.id } },
      { onSuccess: close },
    );
  return (
    <ConfirmDialog
      title="Remove a compromised key?"
      action="Remove the key"
      word="compromised"
      open={asked !== undefined}
      close={close}
      change={removal}
      confirm={confirm}
    >
      <p>
        The key <code className="break">{asked?.id}</code> is removed at once, and every session whose token
        it signed is closed. Clients have to request new tokens. This cannot be undone.
      </p>
    </ConfirmDialog>
  );
}

const NONE = <Empty icon={KeyRound} title="No signing keys" />;
