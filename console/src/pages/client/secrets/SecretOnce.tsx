import { Button } from '../../../ui/Button.tsx';
import { CodeBlock } from '../../../ui/Code.tsx';
import { Note } from '../../../ui/State.tsx';

export function SecretOnce({ secret, leave }: { secret: string; leave: () => void }) {
  return (
    <>
      <Note tone="warn" title="This is the only time that it is shown">
        Copy it to where the client runs, or to a vault. The server keeps a digest only.
      </Note>
      <CodeBlock label="Client secret" text={secret} />
      <div className="dialog-actions">
        <Button look="primary" onClick={leave}>
          I have stored it
        </Button>
      </div>
    </>
  );
}
