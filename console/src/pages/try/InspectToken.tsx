import { type FormEvent, useState } from 'react';
import { useAsk } from '../../api/queries.ts';
import { introspect, useSession } from '../../api/session.ts';
import { Button } from '../../ui/Button.tsx';
import { CodeBlock } from '../../ui/Code.tsx';
import { TextArea, TextField } from '../../ui/Field.tsx';
import { Card } from '../../ui/Page.tsx';
import { ErrorNote, Note } from '../../ui/State.tsx';
import { Decoded } from './Decoded.tsx';

interface Asked {
  token: string;
  client: string;
  secret: string;
}

/** Decoded here, and introspected (RFC 7662) as a client that may see it. */
export function InspectToken() {
  const [token, setToken] = useState('');
  const asking = useAsk<Record<string, unknown>, Asked>(({ token, client, secret }) =>
    introspect(token, client, secret),
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    asking.mutate({ token, client: String(form.get('client')), secret: String(form.get('secret')) });
  };
  return (
    <Card title="Inspect a token">
      <form className="stack" onSubmit={submit}>
        <TextArea
          label="Access token"
          className="input mono"
          value={token}
          required
          onChange={(event) => {
            setToken(event.target.value.trim());
            asking.reset();
          }}
        />
        {token !== '' && <Decoded token={token} />}
        <Introspector />
        <div className="row">
          <Button type="submit" look="primary" disabled={asking.isPending || token === ''}>
            Introspect
          </Button>
        </div>
        {asking.error !== null && <ErrorNote error={asking.error} />}
        {asking.data !== undefined && <Verdict answer={asking.data} />}
      </form>
    </Card>
  );
}

/** The client that introspects, with its secret. */
function Introspector() {
  const session = useSession();
  return (
    <>
      <TextField
        label="Introspect as client"
        name="client"
        defaultValue={session?.clientId}
        hint="Its own tokens, those of APIs that name it, and those that a policy lets it see"
        required
        spellCheck={false}
      />
      <TextField
        label="Its secret"
        name="secret"
        type="password"
        required
        hint="Introspection accepts no token as proof"
      />
    </>
  );
}

function Verdict({ answer }: { answer: Record<string, unknown> }) {
  return answer.active === true ? (
    <div className="stack tight">
      <Note tone="good" title="The token is active" />
      <CodeBlock label="Introspection" text={JSON.stringify(answer, null, 2)} />
    </div>
  ) : (
    <Note tone="warn" title="The token is not active for this client">
      It is unknown, has ended, or this client may not see it: the server does not say which.
    </Note>
  );
}
