import { Dialog as BaseDialog } from '@base-ui/react/dialog';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { ApiError } from '../api/api-error.ts';
import { Button } from './Button.tsx';
import { TextField } from './Field.tsx';
import { ErrorNote } from './State.tsx';

export function Dialog({
  title,
  open,
  close,
  broad = false,
  children,
}: {
  title: string;
  open: boolean;
  close: () => void;
  broad?: boolean;
  children: ReactNode;
}) {
  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => (next ? undefined : close())}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className="backdrop" />
        <BaseDialog.Popup className={broad ? 'dialog broad' : 'dialog'}>
          <BaseDialog.Title>{title}</BaseDialog.Title>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

interface Change {
  error: ApiError | null;
  isPending: boolean;
  reset: () => void;
}

interface Confirmation {
  title: string;
  /** The word to type; without it one click is enough. */
  word?: string;
  action: string;
  open: boolean;
  close: () => void;
  change: Change;
  confirm: () => void;
  children: ReactNode;
}

/** For irreversible actions: the name has to be typed before the button works. */
export function ConfirmDialog({ title, word, action, open, close, change, confirm, children }: Confirmation) {
  const [typed, setTyped] = useState('');
  const leave = () => {
    setTyped('');
    change.reset();
    close();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm();
  };
  return (
    <Dialog title={title} open={open} close={leave}>
      <form className="stack" onSubmit={submit}>
        <div className="soft">{children}</div>
        {word !== undefined && (
          <TextField
            label={`Type ${word} to confirm`}
            value={typed}
            spellCheck={false}
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
        {change.error !== null && <ErrorNote error={change.error} />}
        <div className="dialog-actions">
          <Button onClick={leave}>Cancel</Button>
          <Button
            type="submit"
            look="danger"
            disabled={change.isPending || (word !== undefined && typed !== word)}
          >
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
