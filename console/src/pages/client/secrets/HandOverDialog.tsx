import { type FormEvent, useState } from 'react';
import { useChange } from '../../../api/queries.ts';
import { documentPath } from '../../../api/request.ts';
import { Button } from '../../../ui/Button.tsx';
import { CodeBlock } from '../../../ui/Code.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { SelectField, TextField } from '../../../ui/Field.tsx';
import { ErrorNote, Note } from '../../../ui/State.tsx';
import { Time } from '../../../ui/Time.tsx';
import { membersOf, SECRET_ENDS } from './rotation.ts';

const LIFETIMES = { 3600: 'In an hour', 86400: 'In a day', 604800: 'In a week' };
const DEFAULT_LIFETIME_SECONDS = '86400';

interface Link {
  link: string;
  curl: string;
  link_expires: string;
}

type Making = ReturnType<typeof useChange<Link>>;

/** The link is kept in this dialog only: closing it discards the link, which then only expires. */
export function HandOverDialog({
  clientId,
  open,
  close,
}: {
  clientId: string;
  open: boolean;
  close: () => void;
}) {
  const making = useChange<Link>();
  const made = making.data?.body;
  const leave = () => {
    making.reset();
    close();
  };
  return (
    <Dialog title={made === undefined ? 'Hand over a new secret' : 'The link'} open={open} close={leave}>
      {made === undefined ? (
        <HandOverForm clientId={clientId} making={making} leave={leave} />
      ) : (
        <LinkOnce made={made} leave={leave} />
      )}
    </Dialog>
  );
}

function HandOverForm({ clientId, making, leave }: { clientId: string; making: Making; leave: () => void }) {
  const [description, setDescription] = useState('');
  const [lifetime, setLifetime] = useState(DEFAULT_LIFETIME_SECONDS);
  const [days, setDays] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    making.mutate({
      path: `${documentPath('Client', clientId)}/$hand-over`,
      method: 'POST',
      body: { ...membersOf(description, days), expires_in: Number(lifetime) },
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p className="soft">
        Makes a link for the person who installs the secret. Opening it makes the secret and shows it once, to
        that person and not to you; the other secrets stay valid.
      </p>
      {making.error !== null && <ErrorNote error={making.error} />}
      <TextField
        label="Description"
        hint="Where the secret will be used, such as a region or a deployment"
        value={description}
        maxLength={255}
        onChange={(event) => setDescription(event.target.value)}
      />
      <SelectField
        label="The link expires"
        value={lifetime}
        options={LIFETIMES}
        onChange={(event) => setLifetime(event.target.value)}
      />
      <SelectField
        label="The secret ends"
        value={days}
        options={SECRET_ENDS}
        onChange={(event) => setDays(event.target.value)}
      />
      <div className="dialog-actions">
        <Button onClick={leave}>Cancel</Button>
        <Button type="submit" look="primary" disabled={making.isPending}>
          Make the link
        </Button>
      </div>
    </form>
  );
}

function LinkOnce({ made: { link, curl, link_expires }, leave }: { made: Link; leave: () => void }) {
  return (
    <div className="stack">
      <Note tone="warn" title="This is the only time that it is shown">
        The first to open it gets the secret: send it by a channel that you trust. It expires{' '}
        <Time at={link_expires} full />.
      </Note>
      <CodeBlock label="Link" text={link} />
      <p className="soft small">Without a browser:</p>
      <CodeBlock label="The link opened by curl" text={curl} />
      <div className="dialog-actions">
        <Button look="primary" onClick={leave}>
          I have sent it
        </Button>
      </div>
    </div>
  );
}
