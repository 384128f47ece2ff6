import { type FormEvent, useState } from 'react';
import type { ClientDocument } from '../../../api/documents.ts';
import { useChange } from '../../../api/queries.ts';
import { documentPath } from '../../../api/request.ts';
import { Button } from '../../../ui/Button.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { SelectField, TextField } from '../../../ui/Field.tsx';
import { ErrorNote } from '../../../ui/State.tsx';
import { membersOf, SECRET_ENDS } from './rotation.ts';
import { SecretOnce } from './SecretOnce.tsx';

type Adding = ReturnType<typeof useChange<{ secret?: string }>>;

/** The new secret is kept in this dialog only: closing it discards the secret. */
export function AddSecretDialog({
  client,
  open,
  close,
}: {
  client: ClientDocument;
  open: boolean;
  close: () => void;
}) {
  const adding = useChange<{ secret?: string }>();
  const secret = adding.data?.body.secret;
  const leave = () => {
    adding.reset();
    close();
  };
  return (
    <Dialog title={secret === undefined ? 'Add a secret' : 'The new secret'} open={open} close={leave}>
      {secret === undefined ? (
        <SecretForm client={client} adding={adding} leave={leave} />
      ) : (
        <SecretOnce secret={secret} leave={leave} />
      )}
    </Dialog>
  );
}

function SecretForm({
  client,
  adding,
  leave,
}: {
  client: ClientDocument;
  adding: Adding;
  leave: () => void;
}) {
  const [days, setDays] = useState('');
  const [description, setDescription] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    adding.mutate({
      path: `${documentPath('Client', client.id)}/$add-secret`,
      method: 'POST',
      body: membersOf(description, days),
    });
  };
  return (
    <form className="stack" onSubmit={submit}>
      <p className="soft">
        The others stay valid: deploy the new one first, and end the old one when it is no longer used.
      </p>
      {adding.error !== null && <ErrorNote error={adding.error} />}
      <TextField
        label="Description"
        hint="Where it will be used, such as a region or a deployment"
        value={description}
        maxLength={255}
        onChange={(event) => setDescription(event.target.value)}
      />
      <SelectField
        label="Ends"
        value={days}
        options={SECRET_ENDS}
        onChange={(event) => setDays(event.target.value)}
      />
      <div className="dialog-actions">
        <Button onClick={leave}>Cancel</Button>
        <Button type="submit" look="primary" disabled={adding.isPending}>
          Add secret
        </Button>
      </div>
    </form>
  );
}
