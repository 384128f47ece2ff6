import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { useAsk } from '../../api/queries.ts';
import { call } from '../../api/request.ts';
import { requestToken } from '../../api/session.ts';
import { AsApi } from '../../ui/AsApi.tsx';
import { Badge } from '../../ui/Badge.tsx';
import { Button } from '../../ui/Button.tsx';
import { TextField } from '../../ui/Field.tsx';
import { Card } from '../../ui/Page.tsx';
import { ErrorNote, Note } from '../../ui/State.tsx';
import { REASONS } from '../client/reasons.ts';
import { Decoded } from './Decoded.tsx';

interface Asked {
  client: string;
  secret: string;
  scope: string;
  audience: string;
}

interface Explained {
  items: {
    scope: string;
    granted: boolean;
    reason: string;
    policy?: string;
    rule?: number;
    suggest?: string[];
  }[];
}

const EXPLAIN = '/AccessPolicy/$explain';

const questionOf = ({ client, scope, audience }: Asked) => ({
  client,
  scope,
  ...(audience === '' ? {} : { audience }),
});

type Token = { access_token: string; expires_in: number; scope?: string; rejected_scope?: string[] | string };

/** Explained without a token, or requested with the client's own secret. */
export function AskAsClient() {
  const [withSecret, setWithSecret] = useState(false);
  const { explaining, requesting, submit } = useQuestion(withSecret);
  const error = explaining.error ?? requesting.error;
  return (
    <Card title="Ask as a client">
      <form className="stack" onSubmit={submit}>
        <TextField label="Client id" name="client" required spellCheck={false} />
        <TextField
          label="Scope"
          name="scope"
          hint="Items separated by spaces: book:1:read order:*:create"
          required={!withSecret}
          spellCheck={false}
        />
        <TextField label="Audience" name="audience" hint="Optional" spellCheck={false} />
        <label className="check">
          <input
            type="checkbox"
            checked={withSecret}
            onChange={(event) => setWithSecret(event.target.checked)}
          />
          Request a real token, with the client&rsquo;s secret
        </label>
        {withSecret && <TextField label="Client secret" name="secret" type="password" required />}
        <div className="row">
          <Button type="submit" look="primary" disabled={explaining.isPending || requesting.isPending}>
            {withSecret ? 'Request a token' : 'Explain'}
          </Button>
        </div>
        {error !== null && <ErrorNote error={error} />}
        {explaining.data !== undefined && <Explanation of={explaining.data} asked={explaining.variables} />}
        {requesting.data !== undefined && <Issued token={requesting.data} />}
      </form>
    </Card>
  );
}

function useQuestion(withSecret: boolean) {
  const explaining = useAsk<Explained, Asked>(
    async (asked) => (await call<Explained>(EXPLAIN, { method: 'POST', body: questionOf(asked) })).body,
  );
  const requesting = useAsk<Token, Asked>(async ({ client, secret, scope, audience }) => {
    const given = Object.entries({ scope, audience }).filter(([, value]) => value !== '');
    return (await requestToken(client, secret, Object.fromEntries(given))) as Token;
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const asked = {
      client: text('client'),
      secret: text('secret'),
      scope: text('scope'),
      audience: text('audience'),
    };
    explaining.reset();
    requesting.reset();
    if (withSecret) requesting.mutate(asked);
    else explaining.mutate(asked);
  };
  return { explaining, requesting, submit };
}

function Explanation({ of, asked }: { of: Explained; asked: Asked }) {
  const { items } = of;
  return (
    <div className="stack">
      <Items items={items} />
      <div className="row">
        <AsApi path={EXPLAIN} sent={questionOf(asked)} body={of} />
      </div>
    </div>
  );
}

function Items({ items }: Explained) {
  return (
    <ul className="stack">
      {items.map(({ scope, granted, reason, policy, rule, suggest = [] }) => (
        <li key={scope} className="stack tight">
          <div className="row">
            {granted ? <Badge tone="good">Granted</Badge> : <Badge tone="danger">Refused</Badge>}
            <code className="break">{scope}</code>
          </div>
          <p className="small soft">
            {REASONS[reason] ?? reason}
            {policy !== undefined && (
              <>
                {': '}
                <Link to="/policies/$id" params={{ id: policy }}>
                  {policy}
                </Link>
                {rule !== undefined && `, rule ${rule + 1}`}
              </>
            )}
          </p>
          {suggest.length > 0 && (
            <div className="small soft row">
              Would be granted:
              {suggest.map((item) => (
                <span key={item} className="tag">
                  {item}
                </span>
              ))}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}

function Issued({ token: { access_token, expires_in, scope, rejected_scope } }: { token: Token }) {
  const rejected = [rejected_scope ?? []].flat().join(' ');
  return (
    <div className="stack">
      <Note tone="good" title="A token was issued">
        <p>
          For {expires_in} seconds, with {scope ? <code>{scope}</code> : 'no scope'}.
        </p>
        {rejected !== '' && (
          <p>
            Rejected: <code>{rejected}</code>
          </p>
        )}
      </Note>
      <Decoded token={access_token} />
    </div>
  );
}
