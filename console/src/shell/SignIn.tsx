import { type FormEvent, useEffect, useState } from 'react';
import { ApiError } from '../api/api-error.ts';
import { queryClient } from '../api/queries.ts';
import { signIn, useEndOfSession } from '../api/session.ts';
import { Button } from '../ui/Button.tsx';
import { TextField } from '../ui/Field.tsx';
import { ErrorNote, Note } from '../ui/State.tsx';
import { Brand } from './Brand.tsx';

export function SignIn() {
  const [error, setError] = useState<ApiError>();
  const [pending, setPending] = useState(false);
  const ended = useEndOfSession();
  useEffect(() => {
    document.title = 'Sign in · Latchkey';
    queryClient.clear();
  }, []);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setPending(true);
    setError(undefined);
    try {
      await signIn(String(form.get('client_id')), String(form.get('client_secret')));
    } catch (fault) {
      setError(fault as ApiError);
      setPending(false);
    }
  };
  return (
    <div className="sign-in">
      <main>
        <Brand />
        <h1>Sign in</h1>
        <p className="soft">
          With a client that may administer this server, such as the first administrator.
        </p>
        <form className="card stack" onSubmit={submit}>
          {ended !== undefined && error === undefined && (
            <Note tone="warn" title="Your session has ended">
              {ended}
            </Note>
          )}
          {error !== undefined && <ErrorNote error={error} />}
          <TextField label="Client id" name="client_id" required autoCapitalize="none" spellCheck={false} />
          <TextField label="Client secret" name="client_secret" type="password" required />
          <Button type="submit" look="primary" disabled={pending}>
            {pending ? 'Signing in …' : 'Sign in'}
          </Button>
        </form>
        <p className="small faint">
          The secret is exchanged for a token of one session. It is kept in this tab&rsquo;s memory only, and
          ends when you sign out.
        </p>
        <PublicAddress />
      </main>
    </div>
  );
}

/** The API rejects browsers at other names of the server, so the console works at its public URL alone. */
function PublicAddress() {
  const [origin, setOrigin] = useState(location.origin);
  useEffect(() => {
    fetch('/.well-known/oauth-authorization-server')
      .then((response) => response.json())
      .then(({ token_endpoint }) => setOrigin(new URL(token_endpoint).origin))
      .catch(() => undefined);
  }, []);
  if (origin === location.origin) return null;
  const address = `${origin}/console`;
  return (
    <Note tone="warn" title="This is not the public address of the server">
      Its API rejects browsers here. Open <a href={address}>{address}</a>.
    </Note>
  );
}
